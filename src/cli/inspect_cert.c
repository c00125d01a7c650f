/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inspect: certificates, requests, keys and PKCS#12 files.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/identityopt.h"
#include "cli/inspect.h"
#include "crypto/csr.h"
#include "crypto/digest.h"
#include "util/mem.h"
#include "util/plural.h"

#define SOON_DAYS 30

void inspect_add_until(struct answers *a, const char *what, int64_t until_s,
                       int64_t now_s)
{
	int64_t days = (until_s - now_s) / CLOCK_DAY_S;
	char date[CLOCK_TEXT_BYTES];

	clock_format_date(date, until_s);
	if (until_s <= now_s)
		answers_add(a, ASK_UNTIL, what, TERM_BAD,
		            "%s expired on %s (%lld days ago)", what, date,
		            (long long)-days);
	else
		answers_add(a, ASK_UNTIL, what,
		            days < SOON_DAYS ? TERM_WARN : TERM_PLAIN,
		            "%s until %s (in %lld days)", what, date, (long long)days);
}

/* Whether, and by whom, the certificate is vouched for. */
static void add_trust(struct answers *a, const struct cert *cert,
                      const struct cert_list *extra, const struct inspect_world *world)
{
	struct trust_chain chain;

	trust_build(&chain, world->trust, cert, extra);
	if (chain.problem == TRUST_OK)
		answers_add(a, ASK_WHO, "issuer", TERM_PLAIN, "issued by %s, root %s",
		            cert->issuer_cn, chain.certs[chain.count - 1]->cn);
	else
		answers_add(a, ASK_WHO, "issuer", TERM_WARN, "issued by %s: %s",
		            cert->issuer_cn, trust_problem_text(chain.problem));
	answers_detail(a);
}

void inspect_add_cert(struct answers *a, const struct cert *cert,
                      const struct cert_list *extra, const struct inspect_world *world)
{
	char sha1[41];

	digest_hex(sha1, slice_of(cert->sha1, sizeof cert->sha1));
	answers_add(a, ASK_WHO, "certificate", TERM_PLAIN, "%s", cert->cn);
	answers_add(a, ASK_WHO, "serial", TERM_PLAIN, "%s, serial %s, SHA-1 %s",
	            cert_kind_name(cert->kind), cert->serial, sha1);
	answers_detail(a);
	add_trust(a, cert, extra, world);
	if (cert->ou[0] != '\0') {
		answers_add(a, ASK_WHO, "team", TERM_PLAIN, "team %s (%s)", cert->ou,
		            cert->o);
		answers_detail(a);
	}
}

/* What a certificate of this kind may sign, where it runs. */
static void add_scope(struct answers *a, const struct cert *cert)
{
	if (cert_kind_is_development(cert->kind))
		answers_add(a, ASK_WHERE, "scope", TERM_PLAIN,
		            "devices of development profiles that list it");
	else if (cert_kind_is_distribution(cert->kind))
		answers_add(
			a, ASK_WHERE, "scope", TERM_PLAIN,
			"ad hoc devices, in-house, or the App Store: the profile says");
	else
		answers_add(a, ASK_WHERE, "scope", TERM_PLAIN, "not for iOS code: %s",
		            cert_kind_name(cert->kind));
	answers_detail(a);
}

bool inspect_cert(struct answers *out, struct slice bytes,
                  const struct inspect_world *world, struct error *err)
{
	AUTO(cert_list_free) struct cert_list certs = { 0 };

	if (!cert_list_parse(&certs, bytes, err))
		return false;
	out->kind = plural(certs.count, "certificate", "certificates");
	out->title = mem_copy(certs.items[0].cn);
	for (size_t i = 0; i < certs.count; i++) {
		const struct cert *cert = &certs.items[i];

		inspect_add_cert(out, cert, &certs, world);
		add_scope(out, cert);
		inspect_add_until(out, "certificate", cert->not_after_s, world->now_s);
		answers_add(out, ASK_HOW, "key", TERM_PLAIN, "%s %u bits",
		            cert_key_family(cert), cert_key_bits(cert));
	}
	return true;
}

bool inspect_csr(struct answers *out, struct slice bytes, struct error *err)
{
	AUTO(csr_free) struct csr csr = { 0 };

	if (!csr_parse(&csr, bytes, err))
		return false;
	out->kind = "certificate request";
	out->title = mem_copy(csr.cn);
	out->status = mem_copy("signed with its own key");
	answers_add(out, ASK_WHO, "subject", TERM_PLAIN, "%s <%s>%s%s%s%s", csr.cn,
	            csr.email, csr.org[0] != '\0' ? ", " : "", csr.org,
	            csr.country[0] != '\0' ? ", " : "", csr.country);
	answers_add(out, ASK_HOW, "key", TERM_PLAIN, "%s %u bits", csr.key_family,
	            csr.key_bits);
	return true;
}

bool inspect_key(struct answers *out, const char *path,
                 const struct inspect_world *world, struct error *err)
{
	unsigned char fingerprint[32];
	char hex[65];
	AUTO(key_free) struct key key = { 0 };

	if (!identityopt_key(&key, path, world->password_spec, err))
		return false;
	key_fingerprint(fingerprint, &key);
	digest_hex(hex, slice_of(fingerprint, sizeof fingerprint));
	out->kind = "private key";
	answers_add(out, ASK_WHO, "key", TERM_PLAIN, "whoever holds this file");
	answers_add(out, ASK_HOW, "key", TERM_PLAIN, "%s, public key SHA-256 %s",
	            key_type_name(&key), hex);
	return true;
}

bool inspect_p12(struct answers *out, const char *path,
                 const struct inspect_world *world, struct error *err)
{
	struct p12_info info = { 0 };
	AUTO(identity_free) struct identity identity = { 0 };

	if (!identityopt_p12(&identity, &info, path, world->password_spec, err))
		return false;
	out->kind = "identity (PKCS#12)";
	out->title = mem_copy(identity.cert.cn);
	inspect_add_cert(out, &identity.cert, &identity.chain, world);
	add_scope(out, &identity.cert);
	inspect_add_until(out, "certificate", identity.cert.not_after_s, world->now_s);
	answers_add(out, ASK_HOW, "key", TERM_PLAIN, "%s, matches the certificate",
	            key_type_name(&identity.key));
	answers_add(out, ASK_HOW, "encryption", TERM_PLAIN,
	            "key %s, certificates %s, MAC %s", info.key_cipher,
	            info.cert_cipher, info.has_mac ? info.mac : "none");
	answers_add(out, ASK_HOW, "chain", TERM_PLAIN, "%zu more %s inside",
	            identity.chain.count,
	            plural(identity.chain.count, "certificate", "certificates"));
	if (info.is_password_empty)
		answers_add(out, ASK_HOW, "macos", TERM_WARN,
		            "macOS refuses an empty password: sealring p12 rewrap "
		            "--new-password");
	else if (!info.is_macos_safe)
		answers_add(out, ASK_HOW, "macos", TERM_WARN,
		            "macOS may not import it: sealring p12 rewrap");
	return true;
}
