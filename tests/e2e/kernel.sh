#!/bin/bash
# kernel.sh - the quickest cell of the kernel matrix (make check-kernels has all): another kernel under qemu, with the oracles
# and the storms
# timeout: 500
cell=${KERNEL:-6.1-amd64}
# Under sudo in the caller's own checkout nothing in it becomes root's.
as_caller=()
[ -n "$SUDO_UID" ] && [ "$(id -u)" -eq 0 ] && [ "$(stat -c %u "$TOP")" = "$SUDO_UID" ] &&
	as_caller=(setpriv "--reuid=$SUDO_UID" "--regid=$SUDO_GID" --clear-groups)
"${as_caller[@]}" "$TOP/tests/kernels/run" --tests=started_oracles,storms,hotplug,clocks,killed_targets "$cell" >said 2>&1
case $? in
0) echo "ok - Linux $(tail -n 1 said | awk -F '\t' '{ print $2 ": " $5 " calls made, " $6 " recorded, " $7 " lost, " $8 " unexplained" }')" ;;
77) echo "skip - Linux $cell: $(tail -n 1 said)" ;;
*) echo "not ok - Linux $cell"; tail -n 40 said ;;
esac
