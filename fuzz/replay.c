/* SPDX-License-Identifier: Apache-2.0 */
/*
 * replay - run a fuzz target over files, without a fuzzing engine.
 *
 * Built with any compiler and run by the ordinary tests, so that every input
 * that ever broke a parser is tried again on every change.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/file.h"

#define REPLAY_MAX_BYTES ((size_t)16 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool replay(const char *path, struct error *err)
{
	AUTO(buf_free) struct buf input = BUF_INIT(REPLAY_MAX_BYTES);

	if (!file_read(&input, path, err))
		return false;
	struct slice bytes = buf_slice(&input);
	LLVMFuzzerTestOneInput(bytes.p, bytes.n);
	return true;
}

int main(int argc, char **argv)
{
	struct error err = { 0 };
	unsigned int count = 0;

	if (argc != 2) {
		fprintf(stderr, "usage: %s CORPUS-DIRECTORY\n", argv[0]);
		return 2;
	}
	AUTO(drop_dir) DIR *dir = opendir(argv[1]);
	for (struct dirent *e; dir != NULL && (e = readdir(dir)) != NULL;) {
		char path[4096];

		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof path, "%s/%s", argv[1], e->d_name);
		if (!replay(path, &err)) {
			error_print(&err, stderr, true);
			return EXIT_FAILURE;
		}
		count++;
	}
	printf("%u inputs replayed\n", count);
	return count > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
