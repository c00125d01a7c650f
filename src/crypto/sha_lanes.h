/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sha_lanes.h - streams of hashes interleaved; the end of sha_x86.c and sha_arm.c.
 *
 * They define struct lane1 and lane256, one stream of each hash; begin, end, load and
 * add, which take a state in and out and a block in; and step1 and step256, rounds 4i
 * to 4i + 3.  i is a constant once all is in line: steps are written out, not looped
 * over, so that compilers need not be told to unroll.
 */
#pragma once

/* A quarter of a block: 20 rounds of SHA-1 and 16 of SHA-256. */
HELPER void both_quarter(struct lane1 *a, struct lane256 *b, unsigned quarter)
{
	const unsigned i = 5 * quarter, j = 4 * quarter;

	step1(a, i);
	step256(b, j);
	step1(a, i + 1);
	step256(b, j + 1);
	step1(a, i + 2);
	step256(b, j + 2);
	step1(a, i + 3);
	step256(b, j + 3);
	step1(a, i + 4);
}

WITH_SHA static void both(uint32_t sha1[5], uint32_t sha256[8], const unsigned char *p,
                          size_t blocks)
{
	struct lane1 a = begin1(sha1);
	struct lane256 b = begin256(sha256);

	for (; blocks > 0; blocks--, p += SHA_BLOCK) {
		const struct lane1 a0 = a;
		const struct lane256 b0 = b;

		load1(&a, p);
		load256(&b, p);
		both_quarter(&a, &b, 0);
		both_quarter(&a, &b, 1);
		both_quarter(&a, &b, 2);
		both_quarter(&a, &b, 3);
		add1(&a, &a0);
		add256(&b, &b0);
	}
	end1(sha1, &a);
	end256(sha256, &b);
}

HELPER void step256_all(struct lane256 l[SHA_LANES], unsigned i)
{
	step256(&l[0], i);
	step256(&l[1], i);
	step256(&l[2], i);
}

HELPER void lanes256_quarter(struct lane256 l[SHA_LANES], unsigned quarter)
{
	const unsigned i = 4 * quarter;

	step256_all(l, i);
	step256_all(l, i + 1);
	step256_all(l, i + 2);
	step256_all(l, i + 3);
}

WITH_SHA static void lanes256(uint32_t state[SHA_LANES][8],
                              const unsigned char *const p[SHA_LANES], size_t blocks)
{
	struct lane256 l[SHA_LANES] = { begin256(state[0]), begin256(state[1]),
		                        begin256(state[2]) };

	for (size_t at = 0; at < blocks * SHA_BLOCK; at += SHA_BLOCK) {
		const struct lane256 before[SHA_LANES] = { l[0], l[1], l[2] };

		for (int i = 0; i < SHA_LANES; i++)
			load256(&l[i], p[i] + at);
		lanes256_quarter(l, 0);
		lanes256_quarter(l, 1);
		lanes256_quarter(l, 2);
		lanes256_quarter(l, 3);
		for (int i = 0; i < SHA_LANES; i++)
			add256(&l[i], &before[i]);
	}
	for (int i = 0; i < SHA_LANES; i++)
		end256(state[i], &l[i]);
}

HELPER void step1_all(struct lane1 l[SHA_LANES], unsigned i)
{
	step1(&l[0], i);
	step1(&l[1], i);
	step1(&l[2], i);
}

HELPER void lanes1_quarter(struct lane1 l[SHA_LANES], unsigned quarter)
{
	const unsigned i = 5 * quarter;

	step1_all(l, i);
	step1_all(l, i + 1);
	step1_all(l, i + 2);
	step1_all(l, i + 3);
	step1_all(l, i + 4);
}

WITH_SHA static void lanes1(uint32_t state[SHA_LANES][8],
                            const unsigned char *const p[SHA_LANES], size_t blocks)
{
	struct lane1 l[SHA_LANES] = { begin1(state[0]), begin1(state[1]),
		                      begin1(state[2]) };

	for (size_t at = 0; at < blocks * SHA_BLOCK; at += SHA_BLOCK) {
		const struct lane1 before[SHA_LANES] = { l[0], l[1], l[2] };

		for (int i = 0; i < SHA_LANES; i++)
			load1(&l[i], p[i] + at);
		lanes1_quarter(l, 0);
		lanes1_quarter(l, 1);
		lanes1_quarter(l, 2);
		lanes1_quarter(l, 3);
		for (int i = 0; i < SHA_LANES; i++)
			add1(&l[i], &before[i]);
	}
	for (int i = 0; i < SHA_LANES; i++)
		end1(state[i], &l[i]);
}
