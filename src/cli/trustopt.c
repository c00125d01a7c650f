/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/trustopt.h"

#include "util/file.h"
#include "util/sniff.h"

#define ROOTS_MAX_BYTES ((size_t)4 << 20)

bool trustopt_load(struct trust *out, const char *roots_file, struct error *err)
{
	AUTO(buf_free) struct buf pem = BUF_INIT(ROOTS_MAX_BYTES);

	if (roots_file == NULL) {
		trust_apple(out);
		return true;
	}
	if (!file_read(&pem, roots_file, err))
		return false;
	if (!trust_from_pem(out, buf_slice(&pem), err))
		return sniff_refused(err, "roots", roots_file, buf_slice(&pem));
	return true;
}

/* Roots and intermediates out of what came with the identity. */
static bool trust_from_chain(struct trust *out, const struct cert_list *chain,
                             struct error *err)
{
	struct trust found = { 0 };

	for (size_t i = 0; i < chain->count; i++) {
		struct cert copy = { 0 };

		if (!cert_copy(&copy, &chain->items[i], err)) {
			trust_free(&found);
			return false;
		}
		cert_list_add(copy.is_self_signed ? &found.roots : &found.intermediates,
		              &copy);
	}
	*out = found;
	return true;
}

bool trustopt_for_identity(struct trust *out, const char *roots_file,
                           const struct identity *identity, struct error *err)
{
	struct trust_chain chain;
	struct trust own = { 0 };

	if (!trustopt_load(out, roots_file, err))
		return false;
	trust_build(&chain, out, &identity->cert, &identity->chain);
	if (chain.problem == TRUST_OK || roots_file != NULL)
		return true;
	if (!trust_from_chain(&own, &identity->chain, err)) {
		trust_free(out);
		return false;
	}
	trust_build(&chain, &own, &identity->cert, &identity->chain);
	if (chain.problem != TRUST_OK) {
		trust_free(
			&own); /* Apple's stay: their verdict names what is missing */
		return true;
	}
	trust_free(out);
	*out = own;
	return true;
}
