/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sniff.h - what bytes look like, for the texts of errors: what somebody gave in
 * place of what was wanted.  It decides nothing.
 */
#pragma once

#include "util/error.h"
#include "util/slice.h"

/* "a zip archive", "PEM text", "binary data"; "nothing" for no bytes. */
const char *sniff(struct slice bytes);

/* Adds the evidence "it has 12 bytes, and looks like PEM text".  Returns false. */
bool sniff_evidence(struct error *err, struct slice bytes);
