# shellcheck shell=bash
# A private apt, for files of Debian suites this machine does not use.
#
# Runs apt with its own source list, index directory and cache, and unpacks files into a directory
# of its own. The system's sources are not edited. Archive address and keyring are those that the
# machine trusts for its own suite. Sourced by tools/deps and tests/vm.

# Everything fetched is kept here and shared by all users of this file.
archive_cache=${BQDISC_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/bqdisc}

# The Debian architecture of packages, if it is not that of this machine. Such packages are unpacked,
# never installed.
archive_arch=

# Indexes older than this are fetched again before something new is looked up.
archive_max_age_days=3

archive_say() { printf '%s: %s\n' "${archive_who:-archive}" "$*" >&2; }

# One line "URI|SUITES|COMPONENTS|KEYRING" for each deb822 stanza in FILES.
archive_read_deb822() {
	awk '
	function flush() {
		if (types ~ /(^| )deb( |$)/ && enabled != "no")
			print uri "|" f["suites"] "|" f["components"] "|" f["signed-by"]
		split("", f); types = uri = enabled = key = ""
	}
	/^[ \t]*#/     { next }
	FNR == 1       { flush() }
	/^[ \t]*$/     { flush(); next }
	/^[ \t]/       { sub(/^[ \t]+/, ""); f[key] = f[key] " " $0; take(); next }
	               { key = tolower($0); sub(/:.*/, "", key)
	                 v = $0; sub(/^[^:]*:[ \t]*/, "", v); f[key] = v; take() }
	function take() {
		types = f["types"]; enabled = tolower(f["enabled"])
		split(f["uris"], u, " "); uri = u[1]
	}
	END { flush() }' "$@"
}

# The same for one-line entries: deb [signed-by=KEYRING ...] URI SUITE COMP...
archive_read_list() {
	awk '
	$1 == "deb" {
		key = ""; i = 2
		if ($2 ~ /^\[/) {
			for (;; i++) {
				o = $i; gsub(/[][]/, "", o)
				if (tolower(o) ~ /^signed-by=/) key = substr(o, 11)
				if ($i ~ /\]$/ || i == NF) break
			}
			i++
		}
		comps = ""
		for (j = i + 2; j <= NF && $j !~ /^#/; j++) comps = comps " " $j
		print $i "|" $(i + 1) "|" comps "|" key
	}' "$@"
}

archive_entries() {
	local -a files
	shopt -s nullglob
	files=(/etc/apt/sources.list.d/*.sources)
	[ ${#files[@]} -eq 0 ] || archive_read_deb822 "${files[@]}"
	files=(/etc/apt/sources.list /etc/apt/sources.list.d/*.list)
	shopt -u nullglob
	[ -e "${files[0]}" ] || unset 'files[0]'
	[ ${#files[@]} -eq 0 ] || archive_read_list "${files[@]}"
}

archive_codename() {
	# shellcheck disable=SC1091
	(. /etc/os-release && printf '%s\n' "${VERSION_CODENAME:-}")
}

# Set archive_uri and archive_keyring from the entry of the machine's own release. Debian without a
# codename (testing, sid) uses other names, so any entry that ends in /debian is the second choice.
archive_find() {
	[ -z "${archive_uri:-}" ] || return 0
	local codename entries line
	archive_is_debian || {
		archive_say "this is not Debian with apt-get: nothing can be fetched from its archive"
		return 1
	}
	codename=$(archive_codename)
	entries=$(archive_entries)
	line=$(awk -F'|' -v want="$codename" '
		want != "" && (" " $2 " ") ~ (" " want " ") && $3 ~ /main/ { print; exit }' <<<"$entries")
	[ -n "$line" ] || line=$(awk -F'|' '$1 ~ /\/debian\/?$/ && $3 ~ /main/ { print; exit }' <<<"$entries")
	if [ -z "$line" ]; then
		archive_say "no entry for Debian's main archive in /etc/apt/sources.list*"
		return 1
	fi
	archive_uri=${line%%|*}
	archive_keyring=${line##*|}
	# An inline key, or none: Debian's own keyring knows all its suites.
	[ -r "$archive_keyring" ] || archive_keyring=/usr/share/keyrings/debian-archive-keyring.gpg
}

archive_is_debian() {
	command -v apt-get >/dev/null && command -v dpkg >/dev/null &&
		grep -qs '^ID=debian' /etc/os-release
}

# archive_use TYPE SUITE...: what the following calls see (TYPE deb or deb-src).
archive_use() {
	local type=$1 suite dir
	shift
	archive_find || return 1
	dir=$archive_cache/apt/$type-$(IFS=-; echo "$*")${archive_arch:+-$archive_arch}
	# apt calls the indexes after address and suite, so that all sets can
	# share one directory of them.
	mkdir -p "$dir/archives/partial" "$dir/no-preferences" "$archive_cache/apt/lists/partial"
	for suite; do
		printf 'Types: %s\nURIs: %s\nSuites: %s\nComponents: main\nSigned-By: %s\n\n' \
			"$type" "$archive_uri" "$suite" "$archive_keyring"
	done >"$dir/suites.sources.new"
	mv "$dir/suites.sources.new" "$dir/suites.sources"
	archive_set=$dir
	# The suites are no part of this system, so none of its settings on
	# what to fetch with an index (translations, icons) and on where to
	# fetch as another user apply.
	archive_options=(
		-o "Dir::Etc::sourcelist=$dir/suites.sources"
		-o Dir::Etc::sourceparts=-
		-o Dir::Etc::preferences=/dev/null
		-o "Dir::Etc::preferencesparts=$dir/no-preferences"
		-o "Dir::State::lists=$archive_cache/apt/lists"
		-o "Dir::Cache=$dir"
		-o Dir::Cache::pkgcache=pkgcache.bin
		-o Dir::Cache::srcpkgcache=srcpkgcache.bin
		-o APT::Get::List-Cleanup=false
		-o APT::Sandbox::User=root
		-o Acquire::Languages=none
		-o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false
		-o Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled=false
		-o Acquire::Retries=2
	)
	[ -z "$archive_arch" ] || archive_options+=(
		-o "APT::Architecture=$archive_arch" -o "APT::Architectures::=$archive_arch"
		-o Dir::State::status=/dev/null
	)
}

archive_apt_get() { apt-get -q "${archive_options[@]}" "$@"; }
archive_apt_cache() { apt-cache -q "${archive_options[@]}" "$@"; }

# archive_run COMMAND...: quietly, but with the whole output if it fails.
archive_run() {
	local log status=0
	log=$(mktemp)
	"$@" >"$log" 2>&1 </dev/null || status=$?
	[ "$status" -eq 0 ] || cat "$log" >&2
	rm -f "$log"
	return "$status"
}

# archive_twice COMMAND...: mirrors hiccup; one more attempt after a pause.
archive_twice() {
	archive_run "$@" && return 0
	archive_say "that failed; trying once more"
	sleep 3
	archive_run "$@"
}

# archive_refresh [now]: fetches the indexes when they are missing or old.
archive_refresh() {
	local stamp=$archive_set/fetched
	if [ "${1:-}" != now ] && [ -n "$(find "$stamp" -mtime "-$archive_max_age_days" 2>/dev/null)" ]; then
		return 0
	fi
	archive_say "fetching Debian's package lists ($(basename "$archive_set"))"
	archive_twice archive_apt_get update || return 1
	touch "$stamp"
}

# archive_download DIR PACKAGE...: put the .deb files into DIR. A mirror that has changed since the
# indexes were fetched answers 404: refresh them and try again.
archive_download() {
	local dir=$1
	shift
	mkdir -p "$dir"
	archive_run archive_download_into "$dir" "$@" && return 0
	archive_say "the download failed; trying once more with new package lists"
	archive_refresh now && archive_run archive_download_into "$dir" "$@"
}

archive_download_into() {
	local dir=$1
	shift
	(cd "$dir" && archive_apt_get download "$@")
}

# archive_unpack DIR PACKAGE...: unpack packages of archive_arch with all that they depend on. In DIR
# /bin, /sbin and /lib are links to those below /usr.
archive_unpack() {
	local dir=$1 name deb
	local -a names
	shift
	mapfile -t names < <(archive_apt_get -s --no-install-recommends install "$@" |
		sed -n 's/^Inst \([^ ]*\) .*/\1/p')
	[ ${#names[@]} -gt 0 ] && archive_download "$dir/debs" "${names[@]}" || return 1
	for name in bin sbin lib; do
		mkdir -p "$dir/usr/$name"
		ln -s "usr/$name" "$dir/$name"
	done
	for deb in "$dir/debs"/*.deb; do
		dpkg-deb --fsys-tarfile "$deb" | tar -x --keep-directory-symlink -C "$dir" || return 1
	done
	rm -r "$dir/debs"
	# Absolute links would lead into this machine.
	find "$dir" -lname '/*' | while read -r name; do
		ln -sfnr "$dir$(readlink "$name")" "$name"
	done
}

# archive_lock NAME COMMAND...: one at a time, over all users of the cache.
archive_lock() {
	local name=$1 fd status=0
	shift
	mkdir -p "$archive_cache"
	exec {fd}>"$archive_cache/.lock-$name"
	if ! flock -n "$fd"; then
		archive_say "waiting for another run that is fetching ($name)"
		flock "$fd"
	fi
	"$@" {fd}>&- || status=$?
	exec {fd}>&-
	return "$status"
}
