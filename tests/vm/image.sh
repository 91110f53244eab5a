# shellcheck shell=bash
# Packs the initramfs that tests/vm/run boots.  Sourced by it.
#
# The kernel unpacks any number of cpio archives one after the other, so it is
# made of three: the tools (the same for all kernels), the modules of one
# kernel, and what one run adds.  The first two are cached.  None is
# compressed: unpacking under emulation costs more than reading.

# The root that the guest's programs come from: this machine's, or one of another machine.
image_from=

# Programs of it that a test may count on; the last group if present.
image_tools=(bash ip tc ethtool iperf3 jq modprobe
	ping strace setpriv capsh mount nsenter unshare ss bridge timeout)
image_tools_needed=7

# The packages that have them.
image_packages=(bash iproute2 ethtool iperf3 jq kmod iputils-ping strace util-linux mount libcap2-bin
	coreutils busybox-static bpftool usr-is-merged
	libmnl0 libnl-route-3-200 libjansson4 libmicrohttpd12 libncursesw6)

# Modules, with all they depend on.
image_modules=(veth dummy ifb pktgen bridge 8021q macvlan ipvlan tun nlmon
	netdevsim ipv6 af_packet bonding team vxlan vrf ip_gre wireguard tcp_diag udp_diag)
image_module_dirs=(kernel/net/sched/)

# Everything in the guest is below /usr, with /bin, /sbin and /lib linked
# there.  A later archive must not name a file through such a link: the
# kernel would replace the link by a directory.
image_path() { # PATH
	case $1 in
	/bin/* | /sbin/* | /lib/* | /lib64/*) echo "/usr$1" ;;
	*) echo "$1" ;;
	esac
}

image_put() { # ROOT SOURCE [PATH]
	local to
	to=$1$(image_path "${3:-${2#"$image_from"}}")
	mkdir -p "$(dirname "$to")"
	cp -aL "$2" "$to"
}

# The shared libraries of PROGRAM, under the names it asks for. ldd knows none of another machine's.
image_put_libraries() { # ROOT PROGRAM
	local library
	{ ldd "$2" 2>/dev/null || true; } | { grep -oE '/[^ ]+' || true; } |
		while read -r library; do
			[ -e "$1$(image_path "$library")" ] || image_put "$1" "$library"
		done
}

image_find() { # PROGRAM
	if [ -n "$image_from" ]; then
		find "$image_from"/usr/bin "$image_from"/usr/sbin -name "$1" -print -quit
	else
		PATH=$PATH:/usr/sbin:/sbin command -v "$1" || true
	fi
}

# Sets image_from to a root of Debian's architecture ARCH, which has the programs and all libraries.
image_use_foreign() { # CACHEDIR ARCH
	image_from=$1/root-$2
	[ -d "$image_from" ] || archive_lock image image_fetch_foreign "$2"
}

image_fetch_foreign() { # ARCH
	local work suite
	[ ! -d "$image_from" ] || return 0
	archive_say "fetching the programs of the guest for $1"
	# shellcheck disable=SC2034 # read by archive.sh
	archive_arch=$1
	suite=$(archive_codename)
	archive_use deb "$suite" "$suite-backports" && archive_refresh || return 1
	work=$(mktemp -d "$image_from.XXXXXX")
	archive_unpack "$work" "${image_packages[@]}" || return 1
	mv "$work" "$image_from"
}

image_cpio() { # ROOT ; writes the archive to stdout
	(cd "$1" && find . -mindepth 1 -print0 | LC_ALL=C sort -z |
		cpio --quiet --null -o -H newc -R 0:0)
}

# image_build FILE COMMAND ARG...: COMMAND DIR ARG... fills DIR, which becomes
# the cached archive FILE.
image_build() {
	local file=$1 command=$2 root
	shift 2
	root=$(mktemp -d "$file.XXXXXX")
	"$command" "$root/root" "$@"
	image_cpio "$root/root" >"$root/cpio"
	mv "$root/cpio" "$file"
	rm -rf "$root"
}

# ---- tools -----------------------------------------------------------------

image_fill_tools() { # ROOT INIT
	local root=$1 busybox tool path dir needed=0
	mkdir -p "$root"/{usr/{bin,sbin,lib,lib64,applets,share},dev,proc,sys,tmp,run,root,etc,boot,test,out,vm}
	for dir in bin sbin lib lib64; do
		ln -s "usr/$dir" "$root/$dir"
	done
	for tool in "${image_tools[@]}"; do
		needed=$((needed + 1))
		path=$(image_find "$tool")
		if [ -n "$path" ]; then
			image_put "$root" "$path"
			image_put_libraries "$root" "$path"
		elif [ "$needed" -le "$image_tools_needed" ]; then
			archive_say "not found here, so missing in the guest: $tool"
		fi
	done
	# Busybox gives the rest, last in PATH: the real programs come first.
	busybox=$(image_find busybox)
	[ -n "$busybox" ] || {
		archive_say "busybox is needed (static)"
		return 1
	}
	image_put "$root" "$busybox" /bin/busybox
	image_put_libraries "$root" "$busybox"
	for tool in $(busybox --list); do
		ln -s /usr/bin/busybox "$root/usr/applets/$tool"
	done
	# The kernel and scripts call these by path.
	[ -e "$root/usr/sbin/modprobe" ] || ln -s ../bin/busybox "$root/usr/sbin/modprobe"
	ln -s busybox "$root/usr/bin/env"
	ln -s bash "$root/usr/bin/sh"
	[ -z "$image_from" ] || (cd "$image_from" &&
		cp -a --parents usr/lib/ld-linux* usr/lib/*-linux-gnu/*.so* "$root")
	image_fill_etc "$root"
	cp "$2" "$root/init"
	chmod 755 "$root/init"
}

image_fill_etc() { # ROOT
	local path
	echo 'root:x:0:0:root:/root:/bin/bash' >"$1/etc/passwd"
	printf 'nobody:x:65534:65534:nobody:/:/bin/false\n' >>"$1/etc/passwd"
	printf 'root:x:0:\nnogroup:x:65534:\n' >"$1/etc/group"
	printf '127.0.0.1 localhost\n::1 localhost\n' >"$1/etc/hosts"
	# Names for ip and tc, netem's distribution tables, tmux as a terminal in UTF-8, and the library
	# that pthread_cancel() loads, as of iperf3 3.16.
	for path in "$image_from"/{etc/iproute2,usr/share/iproute2,etc/protocols,usr/lib/tc} \
		"$image_from"/usr/lib/*/{tc,libgcc_s.so.1} "$image_from/lib/terminfo/s/screen-256color" \
		"$image_from/usr/lib/locale/C.utf8/LC_CTYPE"; do
		[ ! -e "$path" ] || image_put "$1" "$path"
	done
	# A plugin of an installed bqdisc would add options to commands of tc.
	find "$1/usr/lib" -name 'q_bq*.so' -delete
}

# The archive is good for as long as the programs are the same.
image_tools_archive() { # CACHEDIR INIT ; prints its path
	local key tool file paths=()
	for tool in busybox "${image_tools[@]}"; do
		paths+=("$(image_find "$tool")")
	done
	key=$({
		stat -L -c '%n %s %Y' "${paths[@]}" 2>/dev/null || true
		cat "$2" "${BASH_SOURCE[0]}"
	} | sha256sum | cut -c 1-16)
	file=$1/tools-$key.cpio
	image_make_once "$file" "packing the tools of the guest" image_fill_tools "$2"
	echo "$file"
}

# ---- modules ---------------------------------------------------------------

# Paths below the modules directory, each with what it needs.
image_module_paths() { # MODULEDIR
	awk -F': *' -v names="${image_modules[*]}" -v dirs="${image_module_dirs[*]}" '
		BEGIN {
			n = split(names, a, " "); for (i = 1; i <= n; i++) want[a[i]]
			m = split(dirs, d, " ")
		}
		{
			name = $1; sub(/.*\//, "", name); sub(/\.ko.*/, "", name); gsub(/-/, "_", name)
			take = name in want
			for (i = 1; i <= m; i++) if (index($1, d[i]) == 1) take = 1
			if (!take) next
			print $1
			k = split($2, b, " "); for (i = 1; i <= k; i++) print b[i]
		}' "$1/modules.dep" | sort -u
}

image_fill_modules() { # ROOT MODULEDIR CONFIG RELEASE
	local root=$1 from=$2 config=$3 release=$4 to path index
	to=$root/usr/lib/modules/$release
	mkdir -p "$to" "$root/boot"
	[ ! -e "$config" ] || cp "$config" "$root/boot/config-$release"
	if [ -e "$from/modules.dep" ]; then
		image_module_paths "$from" | while read -r path; do
			mkdir -p "$to/$(dirname "$path")"
			image_unpack_module "$from/$path" "$to/$path"
		done
		for index in order builtin builtin.modinfo; do
			[ ! -e "$from/modules.$index" ] || cp "$from/modules.$index" "$to"
		done
	fi
	ln -s usr/lib "$root/lib" # the path that depmod searches
	PATH=$PATH:/usr/sbin:/sbin depmod -b "$root" "$release"
	rm "$root/lib"
}

image_unpack_module() { # FROM TO
	case $1 in
	*.xz) xz -dc "$1" >"${2%.xz}" ;;
	*.zst) zstd -qdc "$1" >"${2%.zst}" ;;
	*.gz) gzip -dc "$1" >"${2%.gz}" ;;
	*) cp "$1" "$2" ;;
	esac
}

image_modules_archive() { # CACHEDIR MODULEDIR CONFIG RELEASE ; prints its path
	local key file
	key=$({
		echo "$2 $3"
		stat -L -c '%s %Y' "$2/modules.dep" "$3" 2>/dev/null || true
		cat "${BASH_SOURCE[0]}"
	} | sha256sum | cut -c 1-16)
	file=$1/modules-$4-$key.cpio
	image_make_once "$file" "packing the modules of $4" image_fill_modules "$2" "$3" "$4"
	echo "$file"
}

# Builds FILE unless it is there, in one run at a time; older ones of its kind
# are of no more use.
image_make_once() { # FILE MESSAGE COMMAND ARG...
	[ -e "$1" ] || archive_lock image image_make "$@"
}

image_make() { # FILE MESSAGE COMMAND ARG...
	local file=$1 message=$2
	shift 2
	[ ! -e "$file" ] || return 0
	archive_say "$message"
	find "$(dirname "$file")" -maxdepth 1 -name "$(basename "${file%-*}")-*" \
		-mtime +1 -exec rm -rf {} +
	image_build "$file" "$@"
}

# ---- what one run adds -----------------------------------------------------

image_add() { # ROOT SPEC ; FILE (to /test) or FILE:PATH
	local root=$1 source=${2%%:*} path file
	path=/test/$(basename "$source")
	[[ $2 != *:* ]] || path=${2#*:}
	image_put "$root" "$source" "$path"
	find -L "$source" -type f \( -perm /111 -o -name "*.so.*" \) -size +0 | while read -r file; do
		! image_is_elf "$file" || image_put_libraries "$root" "$file"
	done
}

image_is_elf() { [ "$(head -c 4 "$1" | tr -d '\0')" = $'\x7fELF' ]; }
