/* SPDX-License-Identifier: Apache-2.0 */
#include "util/file_error.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "util/file.h"
#include "util/mem.h"
#include "util/move.h"
#include "util/suggest.h"

#define NAMES_LOOKED_AT 4096 /* of a folder, for "did you mean" */

struct failed {
	const char *path;
	bool to_write;
};

/* The shortest start of path, up to a "/", that fails the test; NULL: none does. */
static char *first_start(const char *path, bool (*is_wrong)(const char *start))
{
	for (const char *slash = strchr(path, '/'); slash != NULL;
	     slash = strchr(slash + 1, '/')) {
		if (slash == path)
			continue;
		AUTO(drop_str) char *start = mem_str(path, (size_t)(slash - path));
		if (is_wrong(start))
			return STEAL(start);
	}
	return NULL;
}

static bool is_missing(const char *path)
{
	struct stat st;

	return stat(path, &st) != 0 && errno == ENOENT;
}

static bool is_no_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && !S_ISDIR(st.st_mode);
}

static bool is_closed(const char *path)
{
	return access(path, X_OK) != 0 && errno == EACCES;
}

/* ---- what is not there ---- */

/* What the folder has that is called nearly so; NULL: nothing. */
static char *near_name(const char *folder, const char *name)
{
	AUTO(drop_dir) DIR *dir = opendir(folder);
	AUTO(drop_str) char *best = NULL;
	struct suggest near = suggest_for(name);

	if (dir == NULL)
		return NULL;
	for (size_t i = 0; i < NAMES_LOOKED_AT; i++) {
		/* A folder of ours alone: no other thread reads it. */
		const struct dirent *entry = readdir(dir);

		if (entry == NULL)
			break;
		if (entry->d_name[0] == '.' && name[0] != '.')
			continue;
		suggest_try(&near, entry->d_name);
		if (near.best != entry->d_name)
			continue;
		free(best);
		near.best = best = mem_copy(entry->d_name);
	}
	/* Half of a short name is no resemblance. */
	return best != NULL && near.distance * 3 <= strlen(name) ? STEAL(best) : NULL;
}

/* There is no `name` in folder, which is there; what says what kind of thing. */
static bool not_in(struct error *err, const char *path, const char *what)
{
	AUTO(drop_str) char *folder = move_folder_of(path);
	const char *slash = strrchr(path, '/');
	const char *name = slash != NULL ? slash + 1 : path;
	AUTO(drop_str) char *near = near_name(folder, name);

	error_evidence(err, "the folder \"%s\" has no %s \"%s\"", folder, what, name);
	if (near == NULL) {
		error_cause(err, "The name is mistyped, or meant from another folder.");
		return error_hint(err, "ls -la '%s'", folder);
	}
	error_cause(err, "The name is mistyped.");
	return error_hint(err, "Did you mean \"%.*s%s\"?", (int)(name - path), path,
	                  near);
}

static bool dangling(struct error *err, const char *path)
{
	char target[256];
	ssize_t n = readlink(path, target, sizeof target - 1);

	if (n < 0)
		return false;
	target[n] = '\0';
	error_evidence(err, "it is a symlink to \"%s\", which is not there", target);
	error_cause(err, "What the symlink points to was moved or removed.");
	error_hint(err, "ls -l '%s'", path);
	return true;
}

static bool missing(struct error *err, const struct failed *f)
{
	AUTO(drop_str) char *start = first_start(f->path, is_missing);
	AUTO(drop_str) char *folder = move_folder_of(f->path);

	if (f->path[0] == '\0') {
		error_evidence(err, "the name is empty");
		error_cause(err, "A variable of the shell that is not set.");
		return error_hint(err, "Put \"set -u\" into the script.");
	}
	if (start != NULL && f->to_write) {
		error_evidence(err, "there is no folder \"%s\"", start);
		error_cause(err, "It was not made yet, or its name is mistyped.");
		return error_hint(err, "mkdir -p '%s'", folder);
	}
	if (start != NULL)
		return dangling(err, start) || not_in(err, start, "folder");
	return dangling(err, f->path) || not_in(err, f->path, "file");
}

static bool not_folder(struct error *err, const struct failed *f)
{
	AUTO(drop_str) char *start = first_start(f->path, is_no_folder);
	const char *file = start != NULL ? start : f->path;

	error_evidence(err, "\"%s\" is a file, not a folder", file);
	error_cause(err, "The path has a \"/\" behind the name of a file.");
	return error_hint(err, "ls -ld '%s'", file);
}

/* ---- what is not allowed ---- */

static bool denied(struct error *err, const struct failed *f)
{
	AUTO(drop_str) char *closed = first_start(f->path, is_closed);
	AUTO(drop_str) char *folder = move_folder_of(f->path);
	const char *what = closed != NULL ? closed : f->to_write ? folder : f->path;
	int right = closed != NULL ? X_OK : f->to_write ? W_OK : R_OK;
	struct stat st;

	if (stat(what, &st) != 0) {
		error_evidence(err, "not even its owner can be asked for");
		error_cause(err, "A folder above it is closed to this user.");
		return error_hint(err, "ls -ld '%s'", folder);
	}
	error_evidence(err, "\"%s\" has mode %04o and belongs to user %ld; this is %ld",
	               what, (unsigned)(st.st_mode & 07777), (long)st.st_uid,
	               (long)geteuid());
	if (st.st_uid == geteuid() && access(what, right) != 0) {
		error_cause(err, "Its mode does not let its owner do this.");
		return error_hint(err, "chmod u+%s '%s'",
		                  right == X_OK   ? "x"
		                  : right == W_OK ? "w"
		                                  : "r",
		                  what);
	}
	error_cause(err, st.st_uid == geteuid()
	                         ? "The system protects it (a flag, a sandbox)."
	                         : "It belongs to another user.");
	return error_hint(err, "ls -ld '%s'", what);
}

static bool is_folder(struct error *err, const struct failed *f)
{
	error_evidence(err, "\"%s\" is a folder", f->path);
	error_cause(err, "The name of a file was wanted.");
	return error_hint(err, "ls '%s'", f->path);
}

static bool exists(struct error *err, const struct failed *f)
{
	struct stat st;

	if (lstat(f->path, &st) != 0)
		return false;
	if (S_ISREG(st.st_mode))
		error_evidence(err, "a file of %lld bytes has this name",
		               (long long)st.st_size);
	else
		error_evidence(err, "a %s has this name",
		               S_ISDIR(st.st_mode)   ? "folder"
		               : S_ISLNK(st.st_mode) ? "symlink"
		                                     : "device or pipe");
	if (S_ISDIR(st.st_mode))
		error_hint(err, "Name a file in it: '%s/NAME'", f->path);
	return error_cause(err, "It was made before; nothing is replaced unasked.");
}

/* ---- what there is no room for ---- */

static bool full(struct error *err, const struct failed *f)
{
	AUTO(drop_str) char *folder = move_folder_of(f->path);
	struct statvfs fs;

	if (statvfs(folder, &fs) == 0)
		error_evidence(err, "%llu KiB are free where \"%s\" is",
		               (unsigned long long)fs.f_bavail * fs.f_frsize / 1024,
		               folder);
	error_cause(err, "The disk, or what this user may use of it, is full.");
	return error_hint(err, "df -h '%s'", folder);
}

static bool read_only(struct error *err, const struct failed *f)
{
	AUTO(drop_str) char *folder = move_folder_of(f->path);

	error_evidence(err, "the file system of \"%s\" is mounted read-only", folder);
	error_cause(err, "It is an image, a snapshot, or a disk that failed.");
	return error_hint(err, "Write to another folder; df -h '%s' names the disk.",
	                  folder);
}

static bool too_long(struct error *err, const struct failed *f)
{
	size_t longest = 0;

	for (const char *p = f->path; *p != '\0'; p += *p == '/') {
		size_t n = strcspn(p, "/");

		longest = n > longest ? n : longest;
		p += n;
	}
	error_evidence(err, "the path has %zu bytes, its longest name %zu",
	               strlen(f->path), longest);
	error_cause(err, "File systems take about %d bytes for a name and %d in all.",
	            NAME_MAX, PATH_MAX);
	return error_hint(err, "Use a shorter name, or \"cd\" nearer to it first.");
}

static bool loop(struct error *err, const struct failed *f)
{
	error_evidence(err, "following its symlinks does not end");
	error_cause(err, "Symlinks point to each other.");
	return error_hint(err, "ls -l '%s'", f->path);
}

static bool too_many(struct error *err, const struct failed *f)
{
	(void)f;
	error_evidence(err, "%ld files may be open at once", sysconf(_SC_OPEN_MAX));
	error_cause(err, "The limit of open files is reached.");
	return error_hint(err, "ulimit -n 4096");
}

static bool too_large(struct error *err, const struct failed *f)
{
	AUTO(drop_str) char *folder = move_folder_of(f->path);

	error_evidence(err, "a file may not grow that large in \"%s\"", folder);
	error_cause(err, "A limit of the shell or of the file system.");
	return error_hint(err, "ulimit -f unlimited");
}

static bool broken(struct error *err, const struct failed *f)
{
	AUTO(drop_str) char *folder = move_folder_of(f->path);

	error_evidence(err, "the system gave no other reason for \"%s\"", f->path);
	error_cause(err, "The disk, the network or the driver behind it refused.");
	return error_hint(err, "df -h '%s'", folder);
}

static bool (*explain(int number))(struct error *err, const struct failed *f)
{
	switch (number) {
	case ENOENT:
		return missing;
	case ENOTDIR:
		return not_folder;
	case EACCES:
	case EPERM:
		return denied;
	case EISDIR:
		return is_folder;
	case EEXIST:
	case ENOTEMPTY:
		return exists;
	case ENOSPC:
	case EDQUOT:
		return full;
	case EROFS:
		return read_only;
	case ENAMETOOLONG:
		return too_long;
	case ELOOP:
		return loop;
	case EMFILE:
	case ENFILE:
		return too_many;
	case EFBIG:
		return too_large;
	default:
		return broken;
	}
}

bool file_error_at(struct error *err, const char *file, int line, bool to_write,
                   const char *doing, const char *path)
{
	const struct failed f = { .path = path, .to_write = to_write };
	int number = errno;

	error_set_errno_at(err, file, line, "could not %s \"%s\"", doing, path);
	explain(number)(err, &f);
	return false;
}

bool file_error_exists(struct error *err, const char *path)
{
	const struct failed f = { .path = path, .to_write = true };
	struct stat st;
	bool is_dir = lstat(path, &st) == 0 && S_ISDIR(st.st_mode);

	error_set(err, ERROR_EXISTS,
	          is_dir ? "\"%s\" is a folder" : "\"%s\" exists already", path);
	return exists(err, &f);
}

bool file_error_output_at(struct error *err, const char *file, int line)
{
	const struct failed f = { .path = ".", .to_write = true };
	int number = errno;

	error_set_errno_at(err, file, line, "could not write the output");
	if (number == EPIPE) {
		error_evidence(err, "standard output is a pipe that nobody reads");
		error_cause(err, "The program behind the \"|\" ended early.");
		return error_hint(err, "Write to a file instead: > FILE");
	}
	if (number == ENOSPC || number == EDQUOT) {
		error_evidence(err, "standard output is a file on a full disk");
		error_cause(err, "The disk, or what this user may use of it, is full.");
		return error_hint(err, "df -h");
	}
	return explain(number)(err, &f);
}

bool file_error_not_regular(struct error *err, const char *path)
{
	struct stat st;
	bool is_dir = stat(path, &st) == 0 && S_ISDIR(st.st_mode);

	error_set(err, ERROR_FORMAT, "\"%s\" is not a regular file", path);
	error_evidence(err, is_dir ? "it is a folder" : "it is a device or a pipe");
	error_cause(err, "Files of this kind are read from a disk, not from a pipe.");
	return error_hint(err, is_dir ? "ls '%s'" : "cat '%s' > FILE, then name FILE",
	                  path);
}
