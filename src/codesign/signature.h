/* SPDX-License-Identifier: Apache-2.0 */
/*
 * codesign/signature.h - the whole embedded signature of one slice, read and made.
 */
#pragma once

#include "codesign/codedir.h"
#include "crypto/cms.h"
#include "util/plist.h"

/* A signature taken apart; everything borrows from the area it was read from. */
struct signature {
	struct superblob blobs;
	struct codedir_set cds;
	struct slice requirements, entitlements_xml, entitlements_der, cms;
	bool is_adhoc; /* the flag is set, or there is no CMS content */
	bool is_linker_signed;
};

/* Errors: ERROR_FORMAT, ERROR_NOT_FOUND (no code directory), ERROR_LIMIT. */
NODISCARD bool signature_parse(struct signature *out, struct slice area,
                               struct error *err);

/* Append the CMS blob's content (DER) over code directories cds[0..count): slot 0
 * first; with both agility attributes (5.1). */
struct signature_signer {
	const struct cert *cert;
	const struct trust_chain *chain; /* complete: intermediate and root go along */
	struct signer_key key;
	int64_t time_s;
};
NODISCARD bool signature_build_cms(struct buf *out, const struct codedir *cds,
                                   size_t count, const struct signature_signer *signer,
                                   struct error *err);

/* An upper bound of the CMS blob's size for this signer and number of digests. */
size_t signature_cms_max(const struct signature_signer *signer, size_t digests);

/* What the agility attributes say, compared with the code directories (5.2). */
enum signature_agility {
	AGILITY_OK,
	AGILITY_ABSENT,   /* neither attribute; fine with one code directory */
	AGILITY_MISMATCH, /* a hash or the count differs */
	AGILITY_MALFORMED,
};
enum signature_agility signature_check_agility(const struct cms *cms,
                                               const struct codedir_set *cds);
