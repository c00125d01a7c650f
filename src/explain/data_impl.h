/* SPDX-License-Identifier: Apache-2.0 */
/*
 * data_impl.h - how the tables of this folder are written.
 */
#pragma once

#include "explain/explain.h"

#define TEXTS(...)                \
	(const char *const[])     \
	{                         \
		__VA_ARGS__, NULL \
	}
#define NO_TEXTS              \
	(const char *const[]) \
	{                     \
		NULL          \
	}
#define CAUSES(...)                    \
	(const struct explain_cause[]) \
	{                              \
		__VA_ARGS__,           \
		{                      \
			.text = NULL   \
		}                      \
	}

extern const struct explain_family explain_cert, explain_key, explain_store,
	explain_profile, explain_auto, explain_export, explain_sign, explain_itms,
	explain_device;

struct explain_codes {
	const struct explain_code *rows;
	size_t count;
};

extern const struct explain_codes explain_codes_device, explain_codes_itms,
	explain_codes_mac;
