/* SPDX-License-Identifier: Apache-2.0 */
#include "codesign/signature.h"

#include "crypto/der.h"

#define OID_AGILITY_V1 "1.2.840.113635.100.9.1"
#define OID_AGILITY_V2 "1.2.840.113635.100.9.2"
#define OID_SHA1       "1.3.14.3.2.26"
#define OID_SHA256     "2.16.840.1.101.3.4.2.1"
#define OID_SHA384     "2.16.840.1.101.3.4.2.2"

#define ATTRIBUTE_MAX  ((size_t)16 << 10)
/* What a CMS message has besides certificates, signature and attributes. */
#define CMS_FRAME_BYTES 1024

/* What is in a slot must be of its kind; slots that nobody knows are nobody's. */
static bool check_kinds(const struct superblob *sb, struct error *err)
{
	static const struct {
		uint32_t first, last, magic;
	} kinds[] = {
		{ SLOT_REQUIREMENTS, SLOT_REQUIREMENTS, BLOB_REQUIREMENTS },
		{ SLOT_ENTITLEMENTS, SLOT_ENTITLEMENTS, BLOB_ENTITLEMENTS },
		{ SLOT_ENTITLEMENTS_DER, SLOT_ENTITLEMENTS_DER, BLOB_ENTITLEMENTS_DER },
		{ SLOT_CONSTRAINT, SLOT_CONSTRAINT_LAST, BLOB_CONSTRAINT },
		{ SLOT_CMS, SLOT_CMS, BLOB_CMS },
	};

	for (size_t i = 0; i < sb->count; i++) {
		const struct superblob_entry *e = &sb->entries[i];

		for (size_t k = 0; k < ARRAY_LEN(kinds); k++)
			if (e->slot >= kinds[k].first && e->slot <= kinds[k].last &&
			    e->magic != kinds[k].magic)
				return error_set(err, ERROR_FORMAT,
				                 "the signature is malformed: slot %#x "
				                 "has a blob of another kind (%08x)",
				                 e->slot, e->magic);
	}
	return true;
}

bool signature_parse(struct signature *out, struct slice area, struct error *err)
{
	struct signature s = { 0 };

	if (!superblob_parse(&s.blobs, area, err) || !check_kinds(&s.blobs, err) ||
	    !codedir_set_read(&s.cds, &s.blobs, err))
		return false;
	s.requirements = superblob_find(&s.blobs, SLOT_REQUIREMENTS);
	s.entitlements_xml = superblob_find(&s.blobs, SLOT_ENTITLEMENTS);
	s.entitlements_der = superblob_find(&s.blobs, SLOT_ENTITLEMENTS_DER);
	s.cms = superblob_find(&s.blobs, SLOT_CMS);
	s.is_adhoc = (s.cds.cds[0].flags & CODEDIR_FLAG_ADHOC) != 0 ||
	             blob_payload(s.cms).n == 0;
	s.is_linker_signed = (s.cds.cds[0].flags & CODEDIR_FLAG_LINKER_SIGNED) != 0;
	*out = s;
	return true;
}

/* ---- agility attributes (5.1) ---- */

static const char *digest_oid(enum digest d)
{
	switch (d) {
	case DIGEST_SHA1:
		return OID_SHA1;
	case DIGEST_SHA384:
		return OID_SHA384;
	default:
		return OID_SHA256;
	}
}

/* v1: OCTET STRING of a property list with the truncated hashes, SHA-1 first. */
static bool build_v1(struct buf *out, const struct codedir *cds, size_t count,
                     struct error *err)
{
	AUTO(drop_pl) struct pl *root = pl_new_dict();
	struct pl *hashes = pl_set(root, "cdhashes", pl_new_array());
	AUTO(buf_free) struct buf text = BUF_INIT(ATTRIBUTE_MAX);

	for (unsigned type = DIGEST_SHA1; type <= DIGEST_SHA384; type++) {
		for (size_t i = 0; i < count; i++) {
			unsigned char cdhash[CODEDIR_CDHASH_BYTES];

			if (cds[i].digest != (enum digest)type)
				continue;
			codedir_cdhash(cdhash, &cds[i]);
			pl_append(hashes, pl_new_data(slice_of(cdhash, sizeof cdhash)));
		}
	}
	return pl_write_xml(&text, root, err) &&
	       der_put(out, DER_OCTET_STRING, buf_slice(&text), err);
}

/* One SEQUENCE { digest OID, full hash }. */
static bool put_v2(struct buf *out, const struct codedir *cd, struct error *err)
{
	AUTO(buf_free) struct buf oid = BUF_INIT(64);
	AUTO(buf_free) struct buf pair = BUF_INIT(256);
	unsigned char hash[DIGEST_MAX_BYTES];

	codedir_hash(hash, cd);
	return der_oid_bytes(&oid, digest_oid(cd->digest), err) &&
	       der_put(&pair, DER_OID, buf_slice(&oid), err) &&
	       der_put(&pair, DER_OCTET_STRING, slice_of(hash, digest_size(cd->digest)),
	               err) &&
	       der_put(out, DER_SEQUENCE, buf_slice(&pair), err);
}

bool signature_build_cms(struct buf *out, const struct codedir *cds, size_t count,
                         const struct signature_signer *signer, struct error *err)
{
	AUTO(buf_free) struct buf v1 = BUF_INIT(ATTRIBUTE_MAX);
	AUTO(buf_free) struct buf v2 = BUF_INIT(ATTRIBUTE_MAX);
	struct cms_attr attrs[2] = { { .oid = OID_AGILITY_V2 },
		                     { .oid = OID_AGILITY_V1 } };

	if (!build_v1(&v1, cds, count, err))
		return false;
	/* The values of one attribute are a SET: shorter encodings, so SHA-1, first. */
	for (size_t i = 0; i < count; i++)
		if (!put_v2(&v2, &cds[i], err))
			return false;
	attrs[0].value = buf_slice(&v2);
	attrs[1].value = buf_slice(&v1);
	const struct cms_sign how = { .cert = signer->cert,
		                      .chain = signer->chain->certs + 1,
		                      .chain_count = signer->chain->count - 1,
		                      .key = signer->key,
		                      .time_s = signer->time_s,
		                      .is_detached = true,
		                      .attrs = attrs,
		                      .attr_count = ARRAY_LEN(attrs) };
	return cms_build(out, cds[0].blob, &how, err);
}

size_t signature_cms_max(const struct signature_signer *signer, size_t digests)
{
	size_t n =
		CMS_FRAME_BYTES + digests * 256 + cert_key_bits(signer->cert) / 4 + 64;

	for (size_t i = 0; i < signer->chain->count; i++)
		n += signer->chain->certs[i]->der.n;
	/* Issuer name and serial stand in the signer info once more. */
	return n + signer->cert->der.n;
}

/* Mark the code directory that this digest OID and hash are of; one counts once. */
static bool cover(bool *covered, const struct codedir_set *set, const char *oid,
                  struct slice hash)
{
	for (size_t i = 0; i < set->count; i++) {
		unsigned char full[DIGEST_MAX_BYTES];
		size_t size = digest_size(set->cds[i].digest);

		if (covered[i] || strcmp(digest_oid(set->cds[i].digest), oid) != 0)
			continue;
		codedir_hash(full, &set->cds[i]);
		if (slice_equal(hash, slice_of(full, size))) {
			covered[i] = true;
			return true;
		}
	}
	return false;
}

static enum signature_agility check_v2_value(struct slice *values, bool *covered,
                                             const struct codedir_set *set)
{
	struct error ignored = { 0 };
	struct slice pair = { 0 }, oid = { 0 }, hash = { 0 };
	char text[64];

	if (!der_expect(values, DER_SEQUENCE, &pair, &ignored) ||
	    !der_expect(&pair, DER_OID, &oid, &ignored) ||
	    !der_expect(&pair, DER_OCTET_STRING, &hash, &ignored) || pair.n > 0 ||
	    !der_oid_text(text, oid))
		return AGILITY_MALFORMED;
	return cover(covered, set, text, hash) ? AGILITY_OK : AGILITY_MISMATCH;
}

/* Every code directory once, and nothing else. */
static enum signature_agility check_v2(const struct cms_attr *attr,
                                       const struct codedir_set *set)
{
	struct slice values = attr->value;
	bool covered[CODEDIR_MAX] = { false };
	size_t n = 0;

	while (values.n > 0) {
		enum signature_agility one = check_v2_value(&values, covered, set);

		if (one != AGILITY_OK)
			return one;
		n++;
	}
	return n == set->count ? AGILITY_OK : AGILITY_MISMATCH;
}

/* The list in the order of digest numbers; hashes of all, nothing more. */
static enum signature_agility compare_v1(const struct pl *list,
                                         const struct codedir_set *set)
{
	size_t n = 0;

	if (list == NULL || list->type != PL_ARRAY)
		return AGILITY_MALFORMED;
	for (unsigned type = DIGEST_SHA1; type <= DIGEST_SHA384; type++) {
		for (size_t i = 0; i < set->count; i++) {
			unsigned char cdhash[CODEDIR_CDHASH_BYTES];

			if (set->cds[i].digest != (enum digest)type)
				continue;
			codedir_cdhash(cdhash, &set->cds[i]);
			if (n >= list->count || list->items[n]->type != PL_DATA ||
			    !slice_equal(list->items[n]->bytes,
			                 slice_of(cdhash, sizeof cdhash)))
				return AGILITY_MISMATCH;
			n++;
		}
	}
	return n == list->count ? AGILITY_OK : AGILITY_MISMATCH;
}

static enum signature_agility check_v1(const struct cms_attr *attr,
                                       const struct codedir_set *set)
{
	struct error ignored = { 0 };
	struct slice in = attr->value, text = { 0 };
	AUTO(drop_pl) struct pl *root = NULL;

	if (!der_expect(&in, DER_OCTET_STRING, &text, &ignored) ||
	    !pl_parse(&root, text, "cdhashes", &ignored))
		return AGILITY_MALFORMED;
	return compare_v1(pl_get(root, "cdhashes"), set);
}

enum signature_agility signature_check_agility(const struct cms *cms,
                                               const struct codedir_set *cds)
{
	const struct cms_attr *v1 = cms_attr(cms, OID_AGILITY_V1);
	const struct cms_attr *v2 = cms_attr(cms, OID_AGILITY_V2);

	if (v1 == NULL && v2 == NULL)
		return AGILITY_ABSENT;
	if (v1 != NULL) {
		enum signature_agility one = check_v1(v1, cds);

		if (one != AGILITY_OK)
			return one;
	}
	return v2 != NULL ? check_v2(v2, cds) : AGILITY_OK;
}
