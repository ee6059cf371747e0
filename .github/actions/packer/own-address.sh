#!/usr/bin/env bash
# Prints the address that this machine shows to the outside, as a range of one.
set -euo pipefail

address=$(curl --fail --silent --show-error --max-time 20 --retry 3 --proto =https https://checkip.amazonaws.com) || address=""
if [[ ! $address =~ ^[0-9]{1,3}(\.[0-9]{1,3}){3}$ ]]; then
  # Not on standard output, which the caller reads.
  echo "::error title=sindri::this machine's own address cannot be found; give the input ssh-cidr or SINDRI_SSH_SOURCE_CIDRS" >&2
  exit 1
fi
echo "$address/32"
