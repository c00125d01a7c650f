/* SPDX-License-Identifier: Apache-2.0 */
#include "support/fake_pki.h"

#include <stdio.h>
#include <stdlib.h>

#include "crypto/issue.h"
#include "util/clock.h"

void fake_party_free(struct fake_party *party)
{
	key_free(&party->key);
	cert_free(&party->cert);
}

bool fake_party_make(struct fake_party *out, const struct fake_new *how,
                     struct error *err)
{
	struct fake_party party = { 0 };
	const char *markers[] = { how->marker, how->marker2, NULL };
	struct issue issue = {
		.cn = how->cn,
		.ou = how->ou != NULL ? how->ou : FAKE_TEAM,
		.o = "Look-alike",
		.country = "US",
		.not_before_s = how->not_before_s != 0 ? how->not_before_s
		                                       : FAKE_NOW_S - 365 * CLOCK_DAY_S,
		.not_after_s = how->not_after_s != 0 ? how->not_after_s
		                                     : FAKE_NOW_S + 365 * CLOCK_DAY_S,
		.is_ca = how->is_ca,
		.purpose = !how->is_ca && !how->signs_no_code ? "codeSigning" : NULL,
		.markers = markers,
		.markers_are_critical = !how->is_ca,
		.issuer = how->issuer != NULL ? &how->issuer->cert : NULL,
		.issuer_key = how->issuer != NULL ? &how->issuer->key : &party.key,
	};

	if (!key_new(&party.key, how->is_rsa ? KEY_RSA2048 : KEY_P256, err))
		return false;
	issue.public_key = party.key.pkey;
	if (!cert_issue(&party.cert, &issue, err)) {
		fake_party_free(&party);
		return false;
	}
	*out = party;
	return true;
}

static void make(struct fake_party *out, const struct fake_party *issuer,
                 const char *cn, const char *marker, const char *marker2, bool is_ca)
{
	struct error err = { 0 };
	const struct fake_new how = { .cn = cn,
		                      .issuer = issuer,
		                      .marker = marker,
		                      .marker2 = marker2,
		                      .is_ca = is_ca };

	if (fake_party_make(out, &how, &err))
		return;
	error_print(&err, stderr, true);
	abort();
}

static void make_all(struct fake_pki *p)
{
	struct error err = { 0 };
	struct cert root = { 0 };

	make(&p->root, NULL, "Fake Root", NULL, NULL, true);
	make(&p->wwdr, &p->root, "Fake Developer Relations", TRUST_OID_WWDR, NULL,
	     true);
	make(&p->iphone_ca, &p->root, "Fake iPhone CA", TRUST_OID_IPHONE_CA, NULL,
	     true);
	make(&p->sysint_ca, &p->root, "Fake Integration CA", TRUST_OID_SYSINT_CA, NULL,
	     true);
	make(&p->profile_signer, &p->iphone_ca, "Fake Profile Signing",
	     TRUST_OID_PROFILE_SIGNER, NULL, false);
	make(&p->der_signer, &p->sysint_ca, "Fake DER Profile Signing",
	     TRUST_OID_PROFILE_SIGNER_DER, NULL, false);
	make(&p->mac_signer, &p->wwdr, "Fake Mac Profile Signing",
	     TRUST_OID_PROFILE_SIGNER_MAC, NULL, false);
	make(&p->developer, &p->wwdr, "Apple Development: Fake (AAAAAAAAAA)",
	     "1.2.840.113635.100.6.1.2", "1.2.840.113635.100.6.1.12", false);
	if (!cert_copy(&root, &p->root.cert, &err))
		abort();
	cert_list_add(&p->trust.roots, &root);
}

struct fake_pki *fake_pki(void)
{
	static struct fake_pki pki;

	if (pki.trust.roots.count == 0)
		make_all(&pki);
	return &pki;
}

struct fake_party *fake_distributor(void)
{
	static struct fake_party party;

	if (party.cert.x509 == NULL)
		make(&party, &fake_pki()->wwdr, "Apple Distribution: Fake (FAKETEAM01)",
		     "1.2.840.113635.100.6.1.4", "1.2.840.113635.100.6.1.7", false);
	return &party;
}
