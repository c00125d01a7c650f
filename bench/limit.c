/* SPDX-License-Identifier: Apache-2.0 */
/*
 * limit - the least a signer must do to an .ipa, and nothing else.
 *
 * Inflates and hashes every file once, SHA-1 and SHA-256, on all processors, and
 * copies the archive.  Signing cannot be faster than this with the same hash
 * kernels; script/bench prints the ratio.  limit IN.ipa OUT.ipa
 */
#include <stdio.h>

#include "bundle/container.h"
#include "util/pool.h"

static bool hash_one(void *ctx, size_t i, struct error *err)
{
	const struct container *c = ctx;
	unsigned char sha1[20], sha256[32];

	if (c->files[i].type != CONTAINER_FILE)
		return true;
	return container_hash(sha1, sha256, c, &c->files[i], err);
}

static bool run(const char *in, const char *out, struct error *err)
{
	AUTO(container_close) struct container c = { 0 };
	AUTO(file_discard) struct file_new copy = FILE_NEW_INIT;

	return container_open(&c, in, err) &&
	       pool_run(pool_default_threads(), c.count, hash_one, &c, err) &&
	       file_create(&copy, out, 0644, err) &&
	       file_append(&copy, c.map.bytes, err) && file_commit(&copy, err);
}

int main(int argc, char **argv)
{
	struct error err = { 0 };

	if (argc != 3) {
		fputs("usage: limit IN.ipa OUT.ipa\n", stderr);
		return 2;
	}
	if (run(argv[1], argv[2], &err))
		return 0;
	error_print(&err, stderr, true);
	return 3;
}
