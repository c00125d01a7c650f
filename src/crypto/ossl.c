/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/ossl.h"

#include <openssl/err.h>
#include <stdarg.h>

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

void drop_cms(CMS_ContentInfo **cms)
{
	CMS_ContentInfo_free(*cms);
}
