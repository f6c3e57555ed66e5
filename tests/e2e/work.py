"""Some work of all kinds, for what is counted: four threads, files that are there and are not, children (NUMBER, or 1)."""
import os
import subprocess
import sys
import threading
import time


def work():
    for _ in range(50):
        with open("/proc/self/stat", encoding="ascii") as file:
            file.read()
        time.sleep(0.002)
        try:
            os.stat("/nonexistent")
        except OSError:
            pass


threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads:
    thread.start()
for _ in range(int(sys.argv[1]) if len(sys.argv) > 1 else 1):
    subprocess.run(["ls", "/"], stdout=subprocess.DEVNULL, check=True)
for thread in threads:
    thread.join()
os.write(1, b"x" * 1000)
