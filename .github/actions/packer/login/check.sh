#!/usr/bin/env bash
# Says which secrets and variables a cloud needs and has not got, all of them at once, before anything else happens.
# Their values come as variables of the same names; only names are printed.
set -euo pipefail

case ${CLOUD:-} in
  aws) needed=(AWS_ROLE_ARN) ;;
  azure) needed=(AZURE_CLIENT_ID AZURE_TENANT_ID AZURE_SUBSCRIPTION_ID AZURE_RESOURCE_GROUP) ;;
  gcp) needed=(GCP_WORKLOAD_IDENTITY_PROVIDER GCP_SERVICE_ACCOUNT GCP_PROJECT_ID) ;;
  oci) needed=(OCI_USER_OCID OCI_TENANCY_OCID OCI_FINGERPRINT OCI_PRIVATE_KEY OCI_REGION OCI_COMPARTMENT_OCID
    OCI_SUBNET_OCID OCI_AVAILABILITY_DOMAIN) ;;
  alibaba)
    if [[ -n ${ALIBABA_ACCESS_KEY:-}${ALIBABA_SECRET_KEY:-} ]]; then
      needed=(ALIBABA_ACCESS_KEY ALIBABA_SECRET_KEY)
    else
      needed=(ALIBABA_ROLE_ARN ALIBABA_OIDC_PROVIDER_ARN)
    fi
    ;;
  *)
    echo "::error title=sindri::the input cloud is none of aws, azure, gcp, oci, alibaba"
    exit 1
    ;;
esac

missing=()
for name in "${needed[@]}"; do
  if [[ -z ${!name:-} ]]; then missing+=("$name"); fi
done
if ((${#missing[@]} > 0)); then
  echo "::error title=$CLOUD is not set up::missing secrets or variables: ${missing[*]}"
  echo "docs/providers says for each cloud where they come from: Settings > Secrets and variables > Actions"
  exit 1
fi
