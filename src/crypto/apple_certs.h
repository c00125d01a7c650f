/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apple_certs.h - Apple's published roots and intermediates, embedded.
 *
 * Made by script/apple-certs from the files of Apple's certificate authority page.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct apple_cert {
	const char *name;
	bool is_root;
	const unsigned char *der;
	size_t n;
};

extern const struct apple_cert apple_certs[];
extern const size_t apple_cert_count;
