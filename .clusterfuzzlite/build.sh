#!/bin/bash -eu
# The same steps as for OSS-Fuzz.
exec "$SRC/tally/fuzz/oss-fuzz/build.sh"
