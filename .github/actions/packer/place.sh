#!/usr/bin/env bash
# Prints the words that tell `sindri vm` where, one a line.
#
# Variables: CLOUD [REGION COPY_TO AWS_SUBNET_ID ALIBABA_VSWITCH_ID ALIBABA_SECURITY_GROUP_ID OCI_COPY_BUCKET].
# COPY_TO has regions, separated by commas, in which the image has copies that are to be changed with it.
set -euo pipefail

regions=$(jq -cn '$ENV.COPY_TO // "" | split(",") | select(. != [])')
case $CLOUD in
  aws) settings=("subnet_id=${AWS_SUBNET_ID:-}" "ami_regions=$regions") ;;
  alibaba)
    settings=("vswitch_id=${ALIBABA_VSWITCH_ID:-}" "security_group_id=${ALIBABA_SECURITY_GROUP_ID:-}"
      "image_copy_regions=$regions")
    ;;
  oci) settings=("copy_bucket=${OCI_COPY_BUCKET:-}" "copy_regions=$regions") ;;
  # Their images are in many regions under one id.
  azure | gcp) settings=() ;;
esac

printf '%s\n' "--cloud=$CLOUD"
if [[ -n ${REGION:-} ]]; then printf '%s\n' "--region=$REGION"; fi
for setting in "${settings[@]}"; do
  if [[ $setting != *= ]]; then printf '%s\n' "--var=$setting"; fi
done
