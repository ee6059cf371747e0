#!/usr/bin/env bash
# Starts and removes instances for the actions beside this file, through `sindri vm deploy` and `sindri vm destroy`.
#
#   instance.sh launch [KEY=VALUE…]      variables: CLOUD IMAGE_ID [REGION INSTANCE_TYPE SSH_CIDR]
#   instance.sh terminate [KEY=VALUE…]   variables: CLOUD [INSTANCE_ID REGION FORCE]
#
# KEY=VALUE is a key of the cloud's section of the configuration; one without a value is left out. Whatever comes from
# outside comes as a variable or a word, never as a part of this text.
#
# An instance is never lost: it is written down by sindri before it is reported here, `launch` removes it again when
# anything fails after it was made, and `terminate` without an id removes whatever this machine's journal knows of.
set -euo pipefail

# How often, and how many seconds apart: a new VM answers SSH after 20 s to 3 min.
ssh_tries=${SINDRI_SSH_TRIES:-30}
pause=${SINDRI_RETRY_SECONDS:-10}
destroy_tries=3

# GitHub reads `::error::` up to the end of the line.
complain() {
  local text=$1
  text=${text//'%'/%25}
  text=${text//$'\r'/%0D}
  printf '::error title=sindri::%s\n' "${text//$'\n'/%0A}"
}

# The words that say where: `arguments` grows by them.
add_place() {
  local setting
  if [[ -n ${REGION:-} ]]; then arguments+=(--region "$REGION"); fi
  for setting in "$@"; do
    if [[ $setting != *= ]]; then arguments+=(--var "$setting"); fi
  done
}

# What sindri says of its failure, from the document that it printed.
cause() {
  jq -er '.error | "\(.code): \(.message)" + (if .remedy then "\n\(.remedy)" else "" end)' "$1" 2>/dev/null ||
    echo "sindri failed without a word; its messages stand above"
}

# Lines `name=value` for the step's outputs.
report() {
  jq -r '
    {
      "instance-id": .instance_id,
      "public-ip": (.public_ip // .private_ip // ""),
      "ssh-key-path": .ssh_key_path,
      "ssh-user": .ssh_user,
      "run-id": .run_id,
      "ssh-argv": (.ssh_argv // [] | tojson),
      "generated-key-name": ([.resources[] | select(.kind == "key-pair") | .id][0] // "")
    } | to_entries[] | "\(.key)=\(.value | tostring | gsub("[\r\n]"; " "))"' "$1" >>"$GITHUB_OUTPUT"
}

wait_for_ssh() {
  local words try
  mapfile -t words < <(jq -r '.ssh_argv[]?' "$1")
  if ((${#words[@]} == 0)); then
    complain "the instance has no address"
    return 1
  fi
  for ((try = 1; try <= ssh_tries; try++)); do
    if "${words[@]}" -o BatchMode=yes -o ConnectTimeout=10 true </dev/null; then return; fi
    sleep "$pause"
  done
  complain "the instance did not answer SSH after $ssh_tries tries"
  return 1
}

# Removes one instance; tries again, because clouds refuse to remove what has just changed.
destroy() {
  local id=$1 try result
  shift
  local -a arguments=(vm destroy --json --cloud "$CLOUD" --yes)
  add_place "$@"
  result=$(mktemp)
  for ((try = 1; try <= destroy_tries; try++)); do
    if sindri "${arguments[@]}" -- "$id" >"$result"; then
      echo "removed $id"
      return
    fi
    if ((try < destroy_tries)); then sleep "$pause"; fi
  done
  complain "$id was not removed: $(cause "$result")"
  return 1
}

launch() {
  local result cidr=${SSH_CIDR:-}
  local -a arguments=(vm deploy --json --cloud "$CLOUD")
  # Missing tools are found before anything is made.
  command -v jq >/dev/null || { complain "jq is not installed"; return 1; }
  if [[ -n ${INSTANCE_TYPE:-} ]]; then arguments+=(--instance-type "$INSTANCE_TYPE"); fi
  if [[ -z $cidr ]]; then cidr=$("${BASH_SOURCE[0]%/*}/own-address.sh"); fi
  arguments+=(--ssh-cidr "$cidr")
  add_place "$@"
  result=$(mktemp)
  if ! sindri "${arguments[@]}" -- "$IMAGE_ID" >"$result"; then
    complain "$(cause "$result")"
    # sindri has cleaned up, unless it was killed or the cloud refused.
    sindri vm undo --all || true
    return 1
  fi
  if report "$result" && wait_for_ssh "$result"; then return; fi
  destroy "$(jq -r .instance_id "$result")" "$@"
  return 1
}

# Ids of this cloud's deployments on this machine in a state: succeeded (it runs) or undone (it is gone).
deployments() {
  sindri vm runs --json | jq -r --arg cloud "$CLOUD" --arg state "$1" \
    '.[] | select(.command == "deploy" and .cloud == $cloud and .state == $state) | .instance.id // empty'
}

terminate() {
  local id failed=0 gone="" running
  local -a ids=() arguments=(vm destroy --plan --cloud "$CLOUD")
  if [[ ${FORCE:-true} != true ]]; then
    add_place "$@"
    sindri "${arguments[@]}" -- "${INSTANCE_ID:?without force an instance-id is needed}"
    return
  fi
  if [[ -n ${INSTANCE_ID:-} ]]; then
    gone=$(deployments undone) || gone=""
    if grep -qxF -- "$INSTANCE_ID" <<<"$gone"; then
      echo "$INSTANCE_ID is gone already"
    else
      ids=("$INSTANCE_ID")
    fi
  else
    running=$(deployments succeeded)
    if [[ -n $running ]]; then mapfile -t ids <<<"$running"; fi
  fi
  for id in "${ids[@]}"; do destroy "$id" "$@" || failed=1; done
  # A deployment that was stopped half-way.
  sindri vm undo --all || failed=1
  return "$failed"
}

case ${1:-} in
  launch | terminate) "$@" ;;
  *)
    complain "instance.sh: launch or terminate, not '${1:-}'"
    exit 2
    ;;
esac
