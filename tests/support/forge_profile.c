/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Profiles for forged apps.
 */
#include "support/forge_impl.h"
#include "util/clock.h"
#include "util/mem.h"

#define UUID "11111111-2222-4333-8444-555555555555"

/* As wide as a development profile of this team can be. */
static struct pl *good_entitlements(void)
{
	struct pl *e = pl_new_dict();

	pl_set(e, "application-identifier", pl_new_string(FAKE_TEAM ".*"));
	pl_set(e, "com.apple.developer.team-identifier", pl_new_string(FAKE_TEAM));
	pl_set(e, "get-task-allow", pl_new_bool(true));
	pl_append(pl_set(e, "keychain-access-groups", pl_new_array()),
	          pl_new_string(FAKE_TEAM ".*"));
	pl_append(pl_set(e, "com.apple.developer.parent-application-identifiers",
	                 pl_new_array()),
	          pl_new_string(FORGE_APP_ID));
	return e;
}

static struct signature_party party(struct fake_party *leaf,
                                    const struct cert *const chain[2])
{
	return (struct signature_party){ .cert = &leaf->cert,
		                         .chain = chain,
		                         .chain_count = 2,
		                         .key = key_signer(&leaf->key) };
}

/* The same property list with further keys; the DER form would say otherwise. */
static bool add_keys(struct buf *bytes, const struct forge_profile *p,
                     struct error *err)
{
	AUTO(profile_free) struct profile old = { 0 };
	AUTO(buf_free) struct buf text = BUF_INIT(PROFILE_MAX_BYTES);
	const struct signature_party *by = &p->signers.outer;
	const struct cms_sign how = { .cert = by->cert,
		                      .chain = by->chain,
		                      .chain_count = by->chain_count,
		                      .key = by->key,
		                      .time_s = FAKE_NOW_S };

	if (!profile_parse(&old, buf_slice(bytes), err))
		return false;
	AUTO(drop_pl) struct pl *root = pl_copy(old.root);
	pl_remove(root, "DER-Encoded-Profile");
	for (size_t i = 0; i < p->more->count; i++)
		pl_set(root, p->more->keys[i], pl_copy(p->more->items[i]));
	if (!pl_write_xml(&text, root, err))
		return false;
	buf_free(bytes);
	return cms_build(bytes, buf_slice(&text), &how, err);
}

static void forge_profile_free(struct forge_profile *p)
{
	pl_free(p->entitlements);
	pl_free(p->more);
}

static void describe(struct forge_profile *p, const struct cert *const outer[2],
                     const struct cert *const der[2])
{
	struct fake_pki *pki = fake_pki();

	*p = (struct forge_profile){
		.entitlements = good_entitlements(),
		.certs = { &pki->developer.cert },
		.devices = { "00008030-001122334455667E", FORGE_UDID },
		.how = { .kind = PROFILE_DEVELOPMENT,
		         .name = "Forged",
		         .uuid = UUID,
		         .team_id = FAKE_TEAM,
		         .team_name = "Look-alike",
		         .app_id_name = "Any",
		         .prefix = FAKE_TEAM,
		         .bundle_id = "*",
		         .cert_count = 1,
		         .device_count = 2,
		         .created_s = FAKE_NOW_S - 30 * CLOCK_DAY_S,
		         .expires_s = FAKE_NOW_S + 300 * CLOCK_DAY_S },
		.signers = { .outer = party(&pki->profile_signer, outer),
		             .der = party(&pki->der_signer, der) },
		.more = pl_new_dict(),
	};
}

bool forge_embed(const struct forge *f, const struct bundle *b, struct error *err)
{
	static const char *const platforms[] = { "iOS" };
	struct fake_pki *pki = fake_pki();
	const struct cert *outer[] = { &pki->iphone_ca.cert, &pki->root.cert };
	const struct cert *der[] = { &pki->sysint_ca.cert, &pki->root.cert };
	AUTO(forge_profile_free) struct forge_profile p = { 0 };
	AUTO(buf_free) struct buf bytes = BUF_INIT(PROFILE_MAX_BYTES);
	AUTO(drop_str) char *path = bundle_profile_path(b);
	bool is_at = forge_is_at(f->how, b->path);

	describe(&p, outer, der);
	if (f->how->all_profiles != NULL)
		f->how->all_profiles(&p);
	if (is_at && f->how->profile != NULL)
		f->how->profile(&p);
	if (p.leave_out)
		return true;
	p.how.entitlements = p.entitlements;
	p.how.certs = p.certs;
	p.how.devices = p.devices;
	p.how.platforms = platforms;
	p.how.platform_count = ARRAY_LEN(platforms);
	if (!profile_build(&bytes, &p.how, &p.signers, err) ||
	    (p.more->count > 0 && !add_keys(&bytes, &p, err)))
		return false;
	if (is_at && f->how->profile_bytes != NULL)
		f->how->profile_bytes(&bytes);
	forge_put_bytes(f, path, buf_slice(&bytes));
	return true;
}
