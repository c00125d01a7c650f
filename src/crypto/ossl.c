/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/ossl.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdarg.h>
#include <string.h>

bool ossl_error_at(struct error *err, enum error_code code, const char *file, int line,
                   const char *fmt, ...)
{
	const char *reason = ERR_reason_error_string(ERR_peek_error());
	char what[sizeof err->message];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof what, fmt, ap);
	va_end(ap);
	ERR_clear_error();

	if (reason == NULL)
		return error_set_at(err, code, file, line, "%s", what);
	return error_set_at(err, code, file, line, "%s: %s", what, reason);
}

bool ossl_is_unsupported(void)
{
	unsigned long code = ERR_peek_error();
	int reason = ERR_GET_REASON(code);

	if (reason == ERR_R_UNSUPPORTED)
		return true;
	/* Another library's numbers mean other things. */
	if (ERR_GET_LIB(code) == ERR_LIB_PEM)
		return reason == PEM_R_UNSUPPORTED_ENCRYPTION ||
		       reason == PEM_R_UNSUPPORTED_CIPHER;
	return ERR_GET_LIB(code) == ERR_LIB_EVP &&
	       (reason == EVP_R_UNSUPPORTED_ALGORITHM ||
	        reason == EVP_R_UNSUPPORTED_CIPHER || reason == EVP_R_UNSUPPORTED_PRF ||
	        reason == EVP_R_UNSUPPORTED_KEY_DERIVATION_FUNCTION ||
	        reason == EVP_R_UNKNOWN_PBE_ALGORITHM ||
	        reason == EVP_R_UNKNOWN_CIPHER);
}

int ossl_no_password(char *out, int cap, int for_writing, void *ctx)
{
	(void)out;
	(void)cap;
	(void)for_writing;
	(void)ctx;
	return -1;
}

int ossl_give_password(char *out, int cap, int for_writing, void *ctx)
{
	const struct ossl_password *password = ctx;
	struct slice text = secret_reveal(password->secret);

	(void)for_writing;
	if (text.n > (size_t)cap)
		return -1;
	if (text.n > 0)
		memcpy(out, text.p, text.n);
	return (int)text.n;
}

void drop_bio(BIO **bio)
{
	BIO_free(*bio);
}

void drop_cms(CMS_ContentInfo **cms)
{
	CMS_ContentInfo_free(*cms);
}
