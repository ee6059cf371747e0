#!/usr/bin/env bash
# Puts sindri on PATH, and the command line of a cloud that the runner does not have.
#
#   install.sh sindri    variables: [PROGRAM VERSION]
#   install.sh tools     variables: [CLOUD]
set -euo pipefail

bin=$RUNNER_TEMP/sindri-bin
root=$(cd "$GITHUB_ACTION_PATH/../../.." && pwd)

# Alibaba's releases are not signed and its modules are incomplete without a submodule, so it is built from a commit.
ALIYUN_VERSION=3.4.11
ALIYUN_COMMIT=f54f5fe9caa99723a6324b20eaa60f3de3b049cb

sindri() {
  mkdir -p "$bin"
  if [[ -n ${PROGRAM:-} ]]; then
    install -m 0755 -- "$PROGRAM" "$bin/sindri"
  elif [[ -n ${VERSION:-} ]]; then
    release
  else
    cargo build --release --locked --bin sindri --manifest-path "$root/Cargo.toml"
    install -m 0755 -- "$root/target/release/sindri" "$bin/sindri"
  fi
  "$bin/sindri" --version
  echo "$bin" >>"$GITHUB_PATH"
}

# A release with its checksum and the attestation that this repository's workflow has built it.
release() {
  local machine asset folder
  machine=$(uname -m)
  if [[ ! $VERSION =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$ ]]; then
    echo "::error title=setup-sindri::the input version has not the form 1.2.3"
    exit 1
  fi
  asset=sindri-v$VERSION-linux-${machine/arm64/aarch64}.tar.gz
  folder=$(mktemp -d)
  gh release download "v$VERSION" --repo "$GITHUB_REPOSITORY" --dir "$folder" --pattern "$asset" --pattern "$asset.sha256"
  (cd "$folder" && sha256sum --check --strict "$asset.sha256")
  gh attestation verify "$folder/$asset" --repo "$GITHUB_REPOSITORY"
  tar -xzf "$folder/$asset" -C "$folder" --no-same-owner sindri
  install -m 0755 "$folder/sindri" "$bin/sindri"
}

tools() {
  local source
  mkdir -p "$bin"
  case ${CLOUD:-} in
    # These come with GitHub's runners.
    aws | "") ;;
    azure) az version --output none ;;
    gcp) gcloud --version ;;
    oci)
      if command -v oci >/dev/null; then return; fi
      python3 -m venv "$RUNNER_TEMP/oci-cli"
      "$RUNNER_TEMP/oci-cli/bin/pip" install --quiet --disable-pip-version-check \
        --requirement "$root/tools/python/oci-cli-requirements.txt"
      ln -sf "$RUNNER_TEMP/oci-cli/bin/oci" "$bin/oci"
      ;;
    alibaba)
      if command -v aliyun >/dev/null; then return; fi
      source=$(mktemp -d)
      git -C "$source" init --quiet
      git -C "$source" fetch --quiet --depth 1 https://github.com/aliyun/aliyun-cli "$ALIYUN_COMMIT"
      git -C "$source" -c advice.detachedHead=false checkout --quiet FETCH_HEAD
      git -C "$source" submodule --quiet update --init --depth 1
      (cd "$source" && CGO_ENABLED=0 go build -trimpath \
        -ldflags "-X github.com/aliyun/aliyun-cli/v3/cli.Version=$ALIYUN_VERSION" -o "$bin/aliyun" ./main)
      ;;
    *)
      echo "::error title=setup-sindri::the input cloud is none of aws, azure, gcp, oci, alibaba"
      exit 1
      ;;
  esac
}

case ${1:-} in
  sindri | tools) "$1" ;;
  *) exit 2 ;;
esac
