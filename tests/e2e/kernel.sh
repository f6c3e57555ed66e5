#!/bin/bash
# kernel.sh - the quickest cell of the kernel matrix (make check-kernels has all): another kernel under qemu, with the oracles
# and the storms
# timeout: 500
cell=${KERNEL:-6.1-amd64}
"$TOP/tests/kernels/run" --tests=started_oracles,storms,killed_targets "$cell" >said 2>&1
case $? in
0) echo "ok - Linux $(tail -n 1 said | awk -F '\t' '{ print $2 ": " $5 " calls made, " $6 " recorded, " $7 " lost, " $8 " unexplained" }')" ;;
77) echo "skip - Linux $cell: $(tail -n 1 said)" ;;
*) echo "not ok - Linux $cell"; tail -n 40 said ;;
esac
