#!/usr/bin/env bash
# Writes the configuration of Oracle Cloud's command line, which is a key and a file that names it: GitHub's token is
# nothing that Oracle Cloud takes. Both are below RUNNER_TEMP, which the runner empties.
set -euo pipefail
umask 077

folder=$RUNNER_TEMP/oci
mkdir -p "$folder"
# The secret is base64 of the PEM file; the file itself is taken too.
if [[ $OCI_PRIVATE_KEY == *BEGIN*PRIVATE\ KEY* ]]; then
  printf '%s\n' "$OCI_PRIVATE_KEY" >"$folder/key.pem"
else
  base64 --decode <<<"$OCI_PRIVATE_KEY" >"$folder/key.pem"
fi
for name in OCI_USER_OCID OCI_FINGERPRINT OCI_TENANCY_OCID OCI_REGION; do
  if [[ ${!name} == *[$'\r\n']* ]]; then
    echo "::error title=sindri::the secret $name has more than one line"
    exit 1
  fi
done
cat >"$folder/config" <<CONFIG
[DEFAULT]
user=$OCI_USER_OCID
fingerprint=$OCI_FINGERPRINT
tenancy=$OCI_TENANCY_OCID
region=$OCI_REGION
key_file=$folder/key.pem
CONFIG
echo "OCI_CLI_CONFIG_FILE=$folder/config" >>"$GITHUB_ENV"
