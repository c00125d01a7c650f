/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/isolate.h"

#include "util/file.h"

#ifdef __linux__

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

static bool no_leave(const char *doing, struct error *err)
{
	int why = errno;

	if (why != EPERM && why != EACCES && why != ENOSPC)
		return error_set_errno(err, "could not %s", doing);
	error_set(err, ERROR_PERMISSION, "could not %s", doing);
	error_evidence(err, "%s", strerror(why));
	error_cause(err, "The system does not let users make namespaces.");
	return error_hint(err, "Leave --isolate out, or run it as root.");
}

static bool put(const char *path, const char *text)
{
	AUTO(drop_fd) int fd = open(path, O_WRONLY | O_CLOEXEC);

	return fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
}

/* Be the same user inside (user_namespaces(7)). */
static bool map_user(uid_t uid, gid_t gid)
{
	char users[40], groups[40];

	snprintf(users, sizeof users, "%u %u 1\n", (unsigned)uid, (unsigned)uid);
	snprintf(groups, sizeof groups, "%u %u 1\n", (unsigned)gid, (unsigned)gid);
	return put("/proc/self/setgroups", "deny") &&
	       put("/proc/self/uid_map", users) && put("/proc/self/gid_map", groups);
}

static bool raise_loopback(void)
{
	AUTO(drop_fd) int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };

	return fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &lo) == 0;
}

bool isolate_begin(const char *hosts, const char *file, struct error *err)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();
	int spaces = CLONE_NEWNET | CLONE_NEWNS;

	if (!file_write(file, slice_str(hosts), 0644, true, err))
		return false;
	/* Root needs no namespace of users, in which he would be less. */
	if (unshare(spaces) != 0) {
		if (unshare(spaces | CLONE_NEWUSER) != 0)
			return no_leave("leave the network", err);
		if (!map_user(uid, gid))
			return no_leave("map the user", err);
	}
	if (!raise_loopback())
		return no_leave("raise the loopback", err);
	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
	    mount(file, "/etc/hosts", NULL, MS_BIND, NULL) != 0)
		return no_leave("put other names in place of /etc/hosts", err);
	return true;
}

#else

bool isolate_begin(const char *hosts, const char *file, struct error *err)
{
	(void)hosts;
	(void)file;
	error_set(err, ERROR_REFUSED, "--isolate needs Linux");
	return error_hint(err, "Leave it out: the proxy refuses all other hosts.");
}

#endif
