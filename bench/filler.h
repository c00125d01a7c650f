/* SPDX-License-Identifier: Apache-2.0 */
/*
 * filler.h - bytes that deflate as the files of real apps do: the same for the same
 * seed, on every machine.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum filler {
	FILLER_RANDOM, /* sound, film: does not deflate */
	FILLER_IMAGE,  /* PNG, .car: to about 89 % */
	FILLER_TEXT,   /* strings, nibs, scripts: to about 42 % */
	FILLER_CODE,   /* to about 30 % */
};

void filler_fill(unsigned char *out, size_t n, enum filler kind, uint64_t seed);

/* A number that depends on both; for seeds and sizes. */
uint64_t filler_mix(uint64_t seed, uint64_t i);
