# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash
# t/lib-keys.sh - what lies in a vault's keys/.

# slots [VAULT], removed [VAULT]: key slots in it, the hub's if none is named; and
# removals in the places of slots
slots () { grep -l ^VHsl "${1:-hub.git/vibehub/vault}"/keys/* | wc -l; }
removed () { grep -l ^VHrm "${1:-hub.git/vibehub/vault}"/keys/* | wc -l; }
