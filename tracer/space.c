/*
 * space.c - how much room the output's file system has
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>

#include "space.h"

int space_of(int fd, struct space *space)
{
	struct statvfs fs;

	while (fstatvfs(fd, &fs) != 0)
		if (errno != EINTR)
			return -errno;
	if (fs.f_blocks == 0)
		return -EOPNOTSUPP;
	space->total = (uint64_t)fs.f_blocks * fs.f_frsize;
	space->free = (uint64_t)fs.f_bavail * fs.f_frsize;
	return 0;
}

/* In mountinfo, space, tab, newline and backslash are \ and three octal digits. In place. */
static void decode_octal(char *text)
{
	char *out = text;

	for (const char *in = text; *in; in++) {
		if (*in == '\\' && strspn(in + 1, "01234567") >= 3) {
			*out++ = (char)((in[1] - '0') << 6 | (in[2] - '0') << 3 | (in[3] - '0'));
			in += 3;
		} else {
			*out++ = *in;
		}
	}
	*out = '\0';
}

/*
 * A line of mountinfo, "36 35 98:0 / /mnt rw ...": is it of this device, and of all of it (its root is "/")? Then
 * *point is where, cut off.
 */
static bool is_mount_of(char *line, dev_t device, char **point)
{
	char wanted[64], *number = line;
	size_t len;

	for (int field = 0; field < 2; field++)
		number += strcspn(number, " ") + (strchr(number, ' ') != NULL);
	len = (size_t)snprintf(wanted, sizeof(wanted), "%u:%u / ", major(device), minor(device));
	if (strncmp(number, wanted, len) != 0)
		return false;
	*point = number + len;
	(*point)[strcspn(*point, " \n")] = '\0';
	return true;
}

char *space_place(int fd, const char *path, char *text, size_t size)
{
	FILE *mounts = fopen("/proc/self/mountinfo", "re");
	char *line = NULL, *point;
	size_t room = 0;
	struct stat file;

	snprintf(text, size, "the file system of %s", path);
	if (!mounts)
		return text;
	if (fstat(fd, &file) == 0)
		while (getline(&line, &room, mounts) > 0)
			if (is_mount_of(line, file.st_dev, &point)) {
				decode_octal(point);
				snprintf(text, size, "%s", point);
				break;
			}
	free(line);
	fclose(mounts);
	return text;
}
