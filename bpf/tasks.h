/* tasks.h - what tasks.bpf.c writes for each thread and tracer/tasks.c reads: private to one build */
#ifndef SYSSTREAM_TASKS_H
#define SYSSTREAM_TASKS_H

struct tasks_entry {
	unsigned int tid, tgid;       /* in the initial PID namespace */
	unsigned int ns_tid, ns_tgid; /* in the one that was asked for; 0: it has none there */
	unsigned int parent;          /* tgid */
	unsigned int user;            /* effective */
	unsigned int kernel_thread;
	char comm[16]; /* NUL behind it, then anything */
};

#endif
