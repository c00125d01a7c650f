# The table of script/bench as Markdown (mode=tables) or as a picture (mode=chart).
#     INPUT MEDIUM TOOL ROUND WALL CPU PRIVATE_KIB STATUS
#     INPUT MEDIUM TOOL "check" BYTES WORDS
# with tabs between.  many: threads.  The limit is the one with fused hashes.
BEGIN {
	FS = "\t"
	names["cp"] = "`cp`"
	names["verify"] = "**sealring verify** of the input"
	names["ldid"] = "ldid, in place"
	names["rcodesign"] = "rcodesign, in place"
	names["zsign-folder"] = "zsign -f, in place"
}

{
	group = $1 "\t" $2
	if (!(group in tools)) {
		groups[++group_count] = group
		tools[group] = ""
	}
	key = group "\t" $3
}

$4 == "check" {
	bytes[key] = $5
	said[key] = $6
	next
}

{
	if (!(key in runs)) tools[group] = tools[group] (tools[group] == "" ? "" : "\t") $3
	runs[key]++
	at[key, runs[key]] = $4
	wall[key, $4] = $5
	cpu[key, $4] = $6
	peak[key, $4] = $7
	if ($8 != 0) failed[key] = 1
}

# ---- numbers ----

# sort(n): the first n of list[], smallest first
function sort(n,    i, j, v) {
	for (i = 2; i <= n; i++) {
		v = list[i]
		for (j = i - 1; j >= 1 && list[j] > v; j--) list[j + 1] = list[j]
		list[j + 1] = v
	}
}

function middle(n) {
	sort(n)
	return n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2
}

function median_of(values, key,    i) {
	for (i = 1; i <= runs[key]; i++) list[i] = values[key, at[key, i]]
	return middle(runs[key])
}

# The median of the ratios of runs of the same round; "" if there are none.
function ratio(key, to,    i, n) {
	if (!(to in runs) || to in failed) return ""
	for (i = 1; i <= runs[key]; i++)
		if ((to, at[key, i]) in wall)
			list[++n] = wall[key, at[key, i]] / wall[to, at[key, i]]
	return n == 0 ? "" : sprintf("%.2f", middle(n))
}

function name_of(tool,    part) {
	if (tool in names) return names[tool]
	split(tool, part, "-")
	if (part[1] == "zsign") return "zsign -z " part[2]
	part[2] = part[2] (part[2] == 1 ? " thread" : " threads")
	if (part[1] == "limit") return "limit, OpenSSL's hashes, " part[2]
	if (part[1] == "fused") return "limit, fused hashes, " part[2]
	if (part[1] == "nohash") return "limit, no resource hashed, " part[2]
	if (part[1] == "unjudged") return "**sealring --no-judge, " part[2] "**"
	if (part[1] == "cached") return "**sealring --no-judge --cache, " part[2] "**"
	if (part[1] == "sealring") return "**sealring, " part[2] "**"
	return tool
}

# The limit with as many threads as the tool has.
function limit_of(group, tool) {
	return group "\tfused-" (tool ~ /-1$/ ? 1 : many)
}

# ---- tables ----

function row(group, tool,    key, low_high) {
	key = group "\t" tool
	if (key in failed)
		return sprintf("| %s | failed | | | | | | |", name_of(tool))
	low_high = sprintf("%.3f", median_of(wall, key))
	if (runs[key] > 1) low_high = low_high sprintf(" [%.3f..%.3f]", list[1], list[runs[key]])
	return sprintf("| %s | %s | %.3f | %.0f | %.1f | %s | %s | %s |", name_of(tool),
		low_high, median_of(cpu, key), median_of(peak, key) / 1024, bytes[key] / 1e6,
		ratio(key, limit_of(group, tool)), ratio(key, group "\tsealring-" many), said[key])
}

function table(group,    part, n, list_of, i) {
	split(group, part, "\t")
	printf "\n## %s, %s\n\n", part[1], part[2]
	print "| | wall s | cpu s | private MiB | output MB | to limit | to sealring | output |"
	print "|---|---:|---:|---:|---:|---:|---:|---|"
	n = split(tools[group], list_of, "\t")
	for (i = 1; i <= n; i++) print row(group, list_of[i])
}

function scale_row(group,    part, own, bare, least, seconds) {
	own = group "\tsealring-" many
	bare = group "\tunjudged-" many
	least = group "\tfused-" many
	split(group, part, /[-\t]/)
	if (own in failed || bare in failed)
		return sprintf("| %d | %.0f | %.3f | failed | | | | |", part[2],
			bytes[least] / 1e6, median_of(wall, least))
	seconds = median_of(wall, own)
	return sprintf("| %d | %.0f | %.3f | %.3f | %s | %.3f | %s | %.0f |", part[2],
		bytes[least] / 1e6, median_of(wall, least), median_of(wall, bare),
		ratio(bare, least), seconds, ratio(own, least), bytes[least] / 1e6 / seconds)
}

function tables(    i, titled) {
	for (i = 1; i <= group_count; i++)
		if (groups[i] !~ /^scale-/) table(groups[i])
	for (i = 1; i <= group_count; i++) {
		if (groups[i] !~ /^scale-/) continue
		if (!titled++) {
			print "\n## How it grows\n"
			print "| files | MB | limit s | --no-judge s | to limit | judged s | to limit | MB/s |"
			print "|---:|---:|---:|---:|---:|---:|---:|---:|"
		}
		print scale_row(groups[i])
	}
}

# ---- the picture ----

# Bars of one group, from y down; colours that can be seen on white and on black.
function bars(group, y,    part, n, list_of, i, key, most, v, width, colour, label) {
	split(group, part, "\t")
	printf "<text x=\"0\" y=\"%d\" font-weight=\"bold\">%s, %s</text>\n", y + 14, part[1], part[2]
	n = split(tools[group], list_of, "\t")
	for (i = 1; i <= n; i++) {
		key = group "\t" list_of[i]
		if (!(key in failed) && (v = median_of(wall, key)) > most) most = v
	}
	for (i = 1; i <= n; i++) {
		key = group "\t" list_of[i]
		y += 20
		label = name_of(list_of[i])
		gsub(/[*`]/, "", label)
		colour = label ~ /^sealring/ ? "#2f81f7" : label ~ /^(limit|cp)/ ? "#8b949e" : "#d9822b"
		v = key in failed ? 0 : median_of(wall, key)
		width = most > 0 ? 420 * v / most : 0
		printf "<text x=\"230\" y=\"%d\" text-anchor=\"end\">%s</text>\n", y + 14, label
		printf "<rect x=\"240\" y=\"%d\" width=\"%.1f\" height=\"14\" rx=\"2\" fill=\"%s\"/>\n",
			y + 2, width, colour
		printf "<text x=\"%.1f\" y=\"%d\">%s</text>\n", 246 + width, y + 14,
			(key in failed ? "failed" : sprintf("%.3f s", v))
	}
	return y + 36
}

function chart(    i, n, y, list_of) {
	for (i = 1; i <= group_count; i++)
		if (groups[i] !~ /^scale-/) y += 36 + 20 * split(tools[groups[i]], list_of, "\t")
	print "<!-- SPDX-License-Identifier: Apache-2.0 -->"
	printf "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 740 %d\" ", y
	print "font-family=\"sans-serif\" font-size=\"12\" fill=\"#808890\">"
	print "<title>Seconds to sign an app again; shorter is better</title>"
	y = 0
	for (i = 1; i <= group_count; i++)
		if (groups[i] !~ /^scale-/) y = bars(groups[i], y)
	print "</svg>"
}

END { if (mode == "chart") chart(); else tables() }
