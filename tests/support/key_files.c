/* SPDX-License-Identifier: Apache-2.0 */
#include "support/key_files.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/digest.h"
#include "support/secrets.h"

static struct scratch shared;

struct scratch *key_files(void)
{
	if (shared.path[0] != '\0')
		return &shared;
	test_secrets();
	if (!scratch_make(&shared) ||
	    !openssl_tool(&shared, "genrsa -out rsa.pem 2048") ||
	    !openssl_tool(&shared, "genpkey -algorithm EC -pkeyopt "
	                           "ec_paramgen_curve:P-256 -out ec.pem"))
		abort();
	return &shared;
}

__attribute__((destructor)) static void remove_keys(void)
{
	scratch_remove(&shared);
}

bool key_files_same(const struct key *key, const char *from)
{
	unsigned char ours[32], theirs[DIGEST_MAX_BYTES];

	if (!openssl_tool(key_files(), "pkey -in %s -pubout -outform DER -out pub.der",
	                  from))
		return false;
	AUTO(buf_free) struct buf pub = scratch_read(key_files(), "pub.der");
	key_fingerprint(ours, key);
	digest_of(theirs, DIGEST_SHA256, buf_slice(&pub));
	return memcmp(ours, theirs, sizeof ours) == 0;
}

bool key_files_parse(struct key *out, struct slice file, const char *password,
                     struct error *err)
{
	AUTO(secret_free) struct secret s = { 0 };

	if (password == NULL)
		return key_parse(out, file, NULL, err);
	s = test_secret(password);
	return key_parse(out, file, &s, err);
}
