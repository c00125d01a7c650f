/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/name.h"

#include <openssl/crypto.h>
#include <string.h>

#include "util/mem.h"

char *name_text(const X509_NAME *name, int nid)
{
	unsigned char *utf8 = NULL;
	int i = name != NULL ? X509_NAME_get_index_by_NID(name, nid, -1) : -1;

	if (i < 0)
		return mem_copy("");
	const ASN1_STRING *data =
		X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, i));
	int n = ASN1_STRING_to_UTF8(&utf8, data);
	if (n < 0)
		return mem_copy("");
	char *text = mem_str(utf8, (size_t)n);
	OPENSSL_free(utf8);
	return text;
}
