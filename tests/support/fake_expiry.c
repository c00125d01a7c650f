/* SPDX-License-Identifier: Apache-2.0 */
#include "support/fake_expiry.h"

#include "artifact/artifact_impl.h"
#include "util/mem.h"

static int64_t in_days(int64_t days)
{
	return FAKE_EXPIRY_NOW_S + days * FAKE_DAY;
}

static void make_cert(struct artifact_cert *out, const struct fake_cert *c)
{
	*out = (struct artifact_cert){
		.cn = mem_copy(c->cn),
		.team = mem_copy("FAKETEAM01"),
		.org = mem_copy("Acme"),
		.uid = mem_copy(""),
		.issuer = mem_copy("Fake WWDR"),
		.generation = mem_copy(""),
		.root = mem_copy(""),
		.kind = CERT_KIND_APPLE_DISTRIBUTION,
		.not_before_s = in_days(c->days - 365),
		.not_after_s = in_days(c->days),
		.has_issuer = c->issuer_days != 0,
		.issuer_not_after_s = in_days(c->issuer_days),
		.is_self_signed = c->is_self_signed,
	};
	out->serial[0] = (char)('a' + c->n % 26);
	memset(out->sha256, c->n, sizeof(out->sha256));
	memset(out->key_sha256, c->n ^ 0x80, sizeof(out->key_sha256));
}

static struct artifact_cert *make_certs(const struct fake_cert *certs, size_t count)
{
	struct artifact_cert *out =
		count > 0 ? mem_zero(count, sizeof(struct artifact_cert)) : NULL;

	for (size_t i = 0; i < count; i++)
		make_cert(&out[i], &certs[i]);
	return out;
}

static struct artifact_profile *make_profile(const struct fake_profile *p)
{
	struct artifact_profile *out = mem_zero(1, sizeof(*out));

	*out = (struct artifact_profile){
		.name = mem_copy(p->name),
		.uuid = mem_copy(p->uuid),
		.team_id = mem_copy(""),
		.team_name = mem_copy(""),
		.app_id_name = mem_copy(""),
		.app_id = mem_copy(""),
		.prefix = mem_copy(""),
		.authority = mem_copy(""),
		.kind = p->kind,
		.all_devices = p->all_devices,
		.created_s = in_days(p->days - 365),
		.expires_s = in_days(p->days),
		.certs = make_certs(p->certs, p->cert_count),
		.cert_count = p->cert_count,
	};
	if (p->devices > 0)
		out->devices = pl_new_array();
	for (size_t i = 0; i < p->devices; i++)
		pl_append(out->devices, pl_new_string("a device"));
	return out;
}

struct artifact fake_cert_file(const char *path, const struct fake_cert *certs,
                               size_t count)
{
	struct artifact a = { .kind = ARTIFACT_CERT,
		              .path = mem_copy(path),
		              .certs = make_certs(certs, count),
		              .cert_count = count };

	artifact_note_ends(&a);
	return a;
}

struct artifact fake_identity_file(const char *path, const struct fake_cert *certs,
                                   size_t count)
{
	struct artifact a = fake_cert_file(path, certs, count);

	a.kind = ARTIFACT_P12;
	a.has_key = true;
	a.key.type = "RSA 2048";
	memset(a.key.sha256, certs[0].n ^ 0x80, sizeof(a.key.sha256));
	return a;
}

struct artifact fake_profile_file(const char *path, const struct fake_profile *p)
{
	struct artifact a = { .kind = ARTIFACT_PROFILE,
		              .path = mem_copy(path),
		              .profile = make_profile(p) };

	artifact_note_ends(&a);
	return a;
}

struct artifact fake_app_file(const char *path, const struct fake_bundle *bundles,
                              size_t count)
{
	struct artifact a = { .kind = ARTIFACT_APP,
		              .path = mem_copy(path),
		              .bundles =
		                      mem_zero(count, sizeof(struct artifact_bundle)),
		              .bundle_count = count };

	for (size_t i = 0; i < count; i++) {
		struct artifact_bundle *b = &a.bundles[i];
		*b = (struct artifact_bundle){ .path = mem_copy(bundles[i].path),
			                       .id = mem_copy(bundles[i].id),
			                       .version = mem_copy("4.2"),
			                       .build = mem_copy("812") };
		if (bundles[i].signer != NULL) {
			b->seal = ARTIFACT_SIGNED;
			b->signer = make_certs(bundles[i].signer, 1);
		}
		if (bundles[i].profile != NULL)
			b->profile = make_profile(bundles[i].profile);
	}
	artifact_note_ends(&a);
	return a;
}
