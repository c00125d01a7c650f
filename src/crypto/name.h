/* SPDX-License-Identifier: Apache-2.0 */
/*
 * name.h - parts of X.509 names as text.
 */
#pragma once

#include <openssl/x509.h>

/*
 * The first field of this type, as UTF-8 without NUL (what follows one is cut);
 * "" if there is none.  New string.
 */
char *name_text(const X509_NAME *name, int nid);
