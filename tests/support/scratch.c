/* SPDX-License-Identifier: Apache-2.0 */
#include "support/scratch.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/mem.h"

bool scratch_make(struct scratch *s)
{
	const char *base = getenv("TMPDIR");
	struct scratch made;

	int n = snprintf(made.path, sizeof made.path, "%s/sealring-test-XXXXXX",
	                 base != NULL && base[0] != '\0' ? base : "/tmp");
	if (n < 0 || (size_t)n >= sizeof made.path)
		return false;
	if (mkdtemp(made.path) == NULL)
		return false;
	*s = made;
	return true;
}

char *scratch_path(const struct scratch *s, const char *name)
{
	return mem_format("%s/%s", s->path, name);
}

static int remove_one(const char *path, const struct stat *st, int type,
                      struct FTW *where)
{
	(void)st;
	(void)type;
	(void)where;
	return remove(path);
}

void scratch_remove(struct scratch *s)
{
	if (s->path[0] != '\0')
		nftw(s->path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	s->path[0] = '\0';
}
