# shellcheck shell=bash
# Tells what is on this system. Runs as root, changes nothing, judges nothing.
# Records of fields, each field ended by NUL, all of it in base64: names may have any bytes.
set -u
export LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin

# survey BLOCKS MARKS PLACES EXCLUDED
survey() {
  if [ -d /run/systemd/system ]; then
    if command -v cloud-init >/dev/null 2>&1; then
      timeout 600 cloud-init status --wait >/dev/null 2>&1
    fi
    up=$(cut -d. -f1 /proc/uptime)
    printf 'booted\0%s\0' "$(($(date +%s) - up))"
  fi
  walk /
  # The other disks. Squashfs, tmpfs and the like are made anew at every start.
  while read -r _ place type _; do
    case $type in
    ext2 | ext3 | ext4 | xfs | btrfs | vfat | zfs | f2fs) ;;
    *) continue ;;
    esac
    case $place in
    / | /snap/* | /run/* | /var/lib/docker/* | /var/lib/containerd/*) ;;
    # A name with a space is written with \040 there.
    *\\*) printf 'gap\0%s\0%s\0' "$place" 'a disk with an odd name is mounted there' ;;
    *) walk "$place" ;;
    esac
  done </proc/self/mounts

  places=
  for place in $3; do
    if [ -d "$place" ]; then places="$places $place"; fi
  done
  excluded='-path /sindri-none'
  for path in $4; do
    excluded="$excluded -o -path $path"
  done
  printf 'marked\0'
  # shellcheck disable=SC2086 # lists of words
  find $places -ignore_readdir_race \( $excluded \) -prune -o -type f -size -"$1" -exec grep -lZaE -e "$2" -- {} +
  printf '\0'
}

walk() {
  find "$1" -xdev -ignore_readdir_race -printf 'entry\0%y\0%m\0%U\0%G\0%s\0%T@\0%p\0%l\0' ||
    printf 'gap\0%s\0%s\0' "$1" 'not everything could be listed'
}

# contents BYTES PATH-IN-BASE64...
contents() {
  most=$1
  shift
  for word in "$@"; do
    # $() drops line ends, which a name may have.
    path=$(printf %s "$word" | base64 -d && echo x)
    path=${path%x}
    if [ ! -f "$path" ]; then
      if [ -e "$path" ] || [ -L "$path" ]; then
        printf 'unreadable\0%s\0%s\0' "$path" 'it is not a plain file'
      fi
    elif [ "$(stat -L -c %s -- "$path")" -gt "$most" ]; then
      printf 'unreadable\0%s\0%s\0' "$path" "larger than $most bytes"
    else
      printf 'content\0%s\0' "$path"
      head -c "$most" -- "$path" | base64 -w0
      printf '\0'
    fi
  done
}

{
  "$@"
  printf 'end\0'
} 2>/dev/null | base64 -w0
