#!/usr/bin/env bash
# Hands what sindri reads from the environment to the steps that follow, through the file that GitHub reads line by line.
#
#   settings.sh NAME…    the variables to hand on; empty ones are left out
set -euo pipefail

for name in "$@"; do
  value=${!name:-}
  if [[ $value == *[$'\r\n']* ]]; then
    echo "::error title=sindri::the value of $name has more than one line"
    exit 1
  fi
  if [[ -n $value ]]; then echo "$name=$value" >>"$GITHUB_ENV"; fi
done
