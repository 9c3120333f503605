#!/usr/bin/env bash
# Build a stand-in for the image that `sam local` pulls, from Debian's Python 3.13 and Lambda's runtime client on PyPI.
# For machines that cannot pull from public.ecr.aws. Takes a minute; afterwards run `sam local` with --skip-pull-image.
# Usage: stand_in_image.sh [x86_64|arm64]   (default: this machine's). Needs root, debootstrap and a Docker engine.
set -euo pipefail

machine=$(uname -m)
architecture=${1:-${machine/aarch64/arm64}}
case $architecture in
    x86_64) debian=amd64 wheels=x86_64 ;;
    arm64) debian=arm64 wheels=aarch64 ;;
    *) echo "unknown architecture '$architecture', expected x86_64 or arm64" >&2; exit 2 ;;
esac
image=public.ecr.aws/lambda/python:3.13-$architecture

work=$(mktemp --directory)
trap 'rm -rf "$work"' EXIT

debootstrap --arch="$debian" --variant=minbase --include=python3,ca-certificates trixie "$work/image" >"$work/debootstrap.log" || {
    tail -n 5 "$work/debootstrap.log" >&2
    exit 1
}
python3 -m pip install --quiet --target "$work/image/var/runtime" --implementation cp --python-version 3.13 \
    --only-binary=:all: --platform "manylinux2014_$wheels" --platform "manylinux_2_17_$wheels" awslambdaric

# SAM starts /var/rapid/aws-lambda-rie, which it mounts, and hands it this script.
cat >"$work/image/var/runtime/bootstrap" <<'SH'
#!/bin/sh
export PYTHONPATH=/var/task:/opt/python:/var/runtime
exec python3 -m awslambdaric "$_HANDLER"
SH
chmod +x "$work/image/var/runtime/bootstrap"

tar --create --directory "$work/image" . | docker import --platform "linux/$debian" \
    --change 'ENV LAMBDA_TASK_ROOT=/var/task LAMBDA_RUNTIME_DIR=/var/runtime LANG=C.UTF-8' \
    --change 'WORKDIR /var/task' \
    --change 'ENTRYPOINT ["/var/runtime/bootstrap"]' \
    - "$image" >/dev/null
echo "built $image"
