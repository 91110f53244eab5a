# The only Makefile; all output is below build/. `make help` lists the targets.

.DELETE_ON_ERROR:
.SECONDARY:
.DEFAULT_GOAL := all
MAKEFLAGS += --no-builtin-rules

B        := build
PREFIX   ?= /usr/local
SBINDIR  ?= $(PREFIX)/sbin
LIBDIR   ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
SHAREDIR ?= $(PREFIX)/share
LIBEXECDIR ?= $(PREFIX)/libexec/bqdisc
MANDIR   ?= $(SHAREDIR)/man
ZSHDIR   ?= $(SHAREDIR)/zsh/site-functions
SYSCONFDIR ?= /etc
UNITDIR  ?= $(PREFIX)/lib/systemd/system
UDEVDIR  ?= $(PREFIX)/lib/udev/rules.d
# The directory of tc's plugins, where iproute2 has its tables of distributions. An installation
# elsewhere has no influence on the system's tc.
TCLIBDIR ?= $(patsubst %/,%,$(dir $(firstword $(if $(filter /usr /usr/local,$(PREFIX)),\
              $(wildcard $(addsuffix /tc/normal.dist,\
              /usr/lib/$(shell $(CC) -print-multiarch 2>/dev/null) /usr/lib64 /usr/lib))) \
              $(LIBDIR)/tc/)))
DESTDIR  ?=
CC       ?= cc
ifeq ($(origin CC),default)
CC       := cc
endif
OBJCOPY  ?= objcopy

# Prefer tools that `make deps` built because the system's are too old.
DEPS     := $(B)/deps
PKG_CONFIG := PKG_CONFIG_PATH=$(CURDIR)/$(DEPS)/lib/pkgconfig:$$PKG_CONFIG_PATH pkg-config

# For another machine: CROSS=aarch64-linux-gnu- builds below build/aarch64-linux-gnu, with the
# libraries that `make deps CROSS=...` unpacks.
CROSS    ?=
ifneq ($(CROSS),)
TRIPLET  := $(CROSS:%-=%)
SYSROOT  := $(CURDIR)/$(DEPS)/$(TRIPLET)
B        := $(B)/$(TRIPLET)
CC       := $(CROSS)gcc --sysroot=$(SYSROOT)
AR       := $(CROSS)ar
LD       := $(CROSS)ld --sysroot=$(SYSROOT)
OBJCOPY  := $(CROSS)objcopy
PKG_CONFIG := PKG_CONFIG_SYSROOT_DIR=$(SYSROOT) \
  PKG_CONFIG_LIBDIR=$(SYSROOT)/usr/lib/$(TRIPLET)/pkgconfig:$(SYSROOT)/usr/lib/pkgconfig pkg-config
endif
first     = $(firstword $(foreach c,$(1),$(shell command -v $(c) 2>/dev/null)) $(firstword $(1)))
CLANG    ?= $(call first,clang-19 clang-18 clang-17 clang-16 clang)
STRIP    ?= $(call first,llvm-strip-19 llvm-strip-18 llvm-strip-17 llvm-strip-16 llvm-strip)
BPFTOOL  ?= $(call first,$(DEPS)/sbin/bpftool bpftool /usr/sbin/bpftool)

Q        := $(if $(V),,@)
comma    := ,
say       = $(if $(V),,@printf '  %-8s %s\n' '$(1)' '$(2)';)

WARN     := -Wall -Wextra -Wshadow -Wmissing-prototypes -Wstrict-prototypes -Wundef \
            $(if $(CI),-Werror)
CFLAGS   ?= -O2 -g
LIBS     := libmnl libnl-3.0 libnl-route-3.0
pkg        = $(shell $(PKG_CONFIG) $(1) 2>/dev/null)
DEFINES  ?=
CPPFLAGS += -D_GNU_SOURCE $(DEFINES) -Ibpf -Ibpf/include -Ilib -I$(B)/gen
ALL_CFLAGS = -std=c11 $(CFLAGS) $(WARN) -fvisibility=hidden -MMD -MP $(CPPFLAGS) \
             $(call pkg,--cflags libbpf $(LIBS) jansson)
# libbpf alone is linked statically: distributions' versions lack its interface for struct_ops.
LIB_LDLIBS = -Wl,-Bstatic $(call pkg,--libs-only-L --libs-only-l libbpf) -Wl,-Bdynamic -lelf -lz \
             $(call pkg,--libs $(LIBS)) -lm
LDLIBS     = $(LIB_LDLIBS) $(call pkg,--libs jansson)

BPF_OPT    = -O2
BPF_CFLAGS = $(DEFINES) -target bpf -mcpu=v3 $(BPF_OPT) -g -Wall -Wextra -Wno-unused-parameter \
              -Werror -MMD -MP \
              -Ibpf -Ibpf/include $(call pkg,--cflags libbpf) \
              -I$(SYSROOT)/usr/include/$(shell $(CC) -print-multiarch 2>/dev/null)

BPF_NAMES := $(patsubst bpf/%.bpf.c,%,$(wildcard bpf/*.bpf.c))
FAMILIES  := $(filter $(BPF_NAMES),$(patsubst lib/qdisc/%.c,%,$(wildcard lib/qdisc/*.c)))
SKELETONS := $(BPF_NAMES:%=$(B)/gen/%.skel.h)
GENERATED := $(SKELETONS) $(B)/gen/skeletons.h $(B)/gen/families.h $(B)/gen/presets.h
LIB_OBJS  := $(patsubst %.c,$(B)/%.o,$(wildcard lib/*.c lib/*/*.c))
CMD_OBJS  := $(patsubst %.c,$(B)/%.o,$(wildcard cmd/*.c))

##@ Building
.PHONY: all
all: $(B)/bqdisc ## the program, build/bqdisc

# Optional: metrics --listen loads libmicrohttpd when it runs, so only its header is needed.
ifneq ($(shell $(PKG_CONFIG) --exists libmicrohttpd 2>/dev/null && echo yes),)
$(B)/cmd/metrics_listen.o: CPPFLAGS += -DHAVE_MICROHTTPD $(call pkg,--cflags libmicrohttpd)
endif

# ncurses is optional, and linked statically if possible: only `bqdisc top` uses it, and two more
# shared libraries would slow down all commands. Distributions want them shared: NCURSES_A=.
NCURSES := $(call pkg,--libs ncursesw)
NCURSES_A ?= $(wildcard $(call pkg,--variable=libdir ncursesw)/libncursesw.a)
ifneq ($(NCURSES),)
$(B)/cmd/top_draw.o: CPPFLAGS += -DHAVE_NCURSES $(call pkg,--cflags-only-I ncursesw)
$(B)/bqdisc: CMD_LIBS = $(if $(NCURSES_A),-Wl$(comma)-Bstatic $(NCURSES) -Wl$(comma)-Bdynamic,\
	$(NCURSES))
endif

$(B)/bqdisc: $(CMD_OBJS) $(B)/gen/new_files.o $(B)/libbqdisc.a
	$(call say,LINK,$@)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS) $(CMD_LIBS)

# For the program and the tests: includes all internal functions.
$(B)/libbqdisc.a: $(LIB_OBJS)
	$(call say,AR,$@)rm -f $@ && $(AR) rcs $@ $^

$(LIB_OBJS): ALL_CFLAGS += -fPIC

$(B)/%.o: %.c | $(GENERATED)
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(ALL_CFLAGS) -c -o $@ $<

$(B)/%.bpf.o: %.bpf.c
	@mkdir -p $(@D)
	$(call say,BPF,$<)$(CLANG) $(BPF_CFLAGS) -MF $(@:.o=.d) -MT $@ -c -o $@ $< && $(STRIP) -g $@

$(B)/gen/%.skel.h: $(B)/bpf/%.bpf.o
	@mkdir -p $(@D)
	$(call say,SKEL,$@)$(BPFTOOL) gen skeleton $< name $*_bpf > $@

$(B)/gen/skeletons.h: $(SKELETONS)
	$(call say,GEN,$@){ echo '#ifdef SKELETON_INCLUDES'; \
	  for n in $(BPF_NAMES); do echo "#include \"$$n.skel.h\""; done; \
	  echo '#else'; for n in $(BPF_NAMES); do echo "SKELETON($$n)"; done; echo '#endif'; } > $@

$(B)/gen/families.h: $(wildcard lib/qdisc/*.c)
	@mkdir -p $(@D)
	$(call say,GEN,$@)for n in $(FAMILIES); do echo "FAMILY($$n)"; done > $@

# The lines of a file as strings in C.
quote      = sed 's/\\/\\\\/g; s/"/\\"/g; s/.*/"&\\n"/' $(1)

$(B)/gen/presets.h: lib/qdisc/presets Makefile
	@mkdir -p $(@D)
	$(call say,GEN,$@){ echo 'static const char builtin_presets[] ='; $(call quote,$<); echo ';'; } > $@

# The files that `bqdisc new` writes.
NEW_FILES := $(wildcard new/*)

$(B)/gen/new_files.c: $(NEW_FILES) Makefile
	@mkdir -p $(@D)
	$(call say,GEN,$@){ echo '#include "new.h"'; echo 'const struct new_file new_files[] = {'; \
	  for f in $(NEW_FILES); do printf '{ "%s",\n' "$${f##*/}"; \
	    $(call quote,"$$f"); \
	    test -x "$$f" && echo ', true },' || echo ', false },'; done; \
	  echo '};'; echo 'const size_t n_new_files = sizeof(new_files) / sizeof(new_files[0]);'; } > $@

$(B)/gen/new_files.o: $(B)/gen/new_files.c
	$(call say,CC,$<)$(CC) $(ALL_CFLAGS) -Icmd -c -o $@ $<

MAN_STAMP := $(B)/man/.made

$(MAN_STAMP): $(wildcard man/*.8.in) man/generate $(B)/bqdisc
	@mkdir -p $(@D)
	$(call say,MAN,$(@D))man/generate $(B)/bqdisc $(@D) && touch $@

.PHONY: man install uninstall clean
man: $(MAN_STAMP) ## the manual pages, build/man

##@ Installing
# For other programs: exports what bqdisc.h declares, and hides libbpf.
VERSION  := $(shell sed -n 's/^.define BQDISC_VERSION "\(.*\)"/\1/p' lib/bqdisc.h)
SONAME   := libbqdisc.so.$(firstword $(subst ., ,$(VERSION)))
DIST     := $(B)/dist
SHARED   := $(DIST)/libbqdisc.so.$(VERSION)

$(SHARED): $(LIB_OBJS) lib/libbqdisc.map
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) $(CFLAGS) $(LDFLAGS) -shared -o $@ $(LIB_OBJS) -Wl,-soname,$(SONAME) \
	  -Wl,--version-script,lib/libbqdisc.map -Wl,-z,defs -Wl,-z,relro $(LIB_LDLIBS)

# Link it to one object, so that libbpf is inside and cannot collide with another libbpf.
$(DIST)/libbqdisc.a: $(LIB_OBJS)
	@mkdir -p $(@D)
	$(call say,AR,$@)$(LD) -r -o $(@:.a=.o) $^ $(call pkg,--libs-only-L libbpf) -Bstatic -lbpf && \
	  $(OBJCOPY) --wildcard --keep-global-symbol='bqdisc_*' $(@:.a=.o) && rm -f $@ && \
	  $(AR) rcs $@ $(@:.a=.o)

# One plugin of tc, with a link for each kind. The archive gives it no part that loads programs.
TC_PLUGIN := $(DIST)/q_bq.so
TC_KINDS  := $(shell sed -n 's/^KIND(\(.*\));/\1/p' plugin/q_bq.c)

$(B)/plugin/q_bq.o: ALL_CFLAGS += -fPIC
$(TC_PLUGIN): $(B)/plugin/q_bq.o $(B)/libbqdisc.a
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) $(CFLAGS) $(LDFLAGS) -shared -o $@ $^ -Wl,-z,defs -Wl,-z,relro -lm

$(DIST)/libbqdisc.pc: lib/libbqdisc.pc.in lib/bqdisc.h Makefile FORCE
	@mkdir -p $(@D)
	$(call say,GEN,$@)sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBDIR@|$(LIBDIR)|' \
	  -e 's|@INCLUDEDIR@|$(INCLUDEDIR)|' -e 's|@VERSION@|$(VERSION)|' $< > $@

$(DIST)/%.service: systemd/%.service.in FORCE
	@mkdir -p $(@D)
	$(call say,GEN,$@)sed 's|@SBINDIR@|$(SBINDIR)|' $< > $@

# Paths of the kit. clang's BPF target has no architecture, so add the host's headers.
$(DIST)/bqdisc.pc: lib/bqdisc.pc.in lib/bqdisc.h Makefile FORCE
	@mkdir -p $(@D)
	$(call say,GEN,$@)sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBEXECDIR@|$(LIBEXECDIR)|' \
	  -e 's|@SHAREDIR@|$(SHAREDIR)|' -e 's|@VERSION@|$(VERSION)|' \
	  -e 's|@INCLUDEDIR@|$(INCLUDEDIR)|' \
	  -e "s|@ARCHINCLUDE@|/usr/include/$$($(CC) -print-multiarch 2>/dev/null)|" $< > $@

# These files depend on variables.
.PHONY: FORCE

UNITS      := $(notdir $(basename $(wildcard systemd/*.service.in)))
PLAIN_UNITS := $(notdir $(wildcard systemd/*.timer systemd/*.socket))
UDEV_RULES := $(notdir $(wildcard systemd/*.rules))
DIST_FILES := $(SHARED) $(TC_PLUGIN) $(DIST)/libbqdisc.a $(DIST)/libbqdisc.pc $(DIST)/bqdisc.pc \
	$(UNITS:%=$(DIST)/%)
KIT        := $(notdir $(wildcard bpf/include/bqdisc/*.h))
EXAMPLES   := $(notdir $(wildcard examples/*))
# The virtual machine for bench and for users' tests. The installed tree has the same layout.
MACHINE    := $(wildcard tests/vm/*) tools/archive.sh $(wildcard tests/bench/*)
mode        = $(if $(shell test -x $(1) && echo x),755,644)

# MODE:FILE:PLACE
INSTALLED = \
  755:$(B)/bqdisc:$(SBINDIR)/bqdisc \
  $(foreach page,$(shell ls $(B)/man 2>/dev/null),644:$(B)/man/$(page):$(MANDIR)/man8/$(page)) \
  644:completions/bqdisc.bash:$(SHAREDIR)/bash-completion/completions/bqdisc \
  644:completions/_bqdisc:$(ZSHDIR)/_bqdisc \
  644:completions/bqdisc.fish:$(SHAREDIR)/fish/vendor_completions.d/bqdisc.fish \
  644:cmd/schema.json:$(SHAREDIR)/bqdisc/schema.json \
  644:contrib/grafana/bqdisc.json:$(SHAREDIR)/bqdisc/grafana.json \
  644:contrib/bqdisc.d/README:$(SYSCONFDIR)/bqdisc.d/README \
  $(foreach u,$(UNITS),644:$(DIST)/$(u):$(UNITDIR)/$(u)) \
  $(foreach u,$(PLAIN_UNITS),644:systemd/$(u):$(UNITDIR)/$(u)) \
  $(foreach r,$(UDEV_RULES),644:systemd/$(r):$(UDEVDIR)/$(r)) \
  644:lib/bqdisc.h:$(INCLUDEDIR)/bqdisc.h \
  755:$(SHARED):$(LIBDIR)/$(notdir $(SHARED)) \
  644:$(TC_PLUGIN):$(TCLIBDIR)/$(notdir $(TC_PLUGIN)) \
  644:$(DIST)/libbqdisc.a:$(LIBDIR)/libbqdisc.a \
  644:$(DIST)/libbqdisc.pc:$(LIBDIR)/pkgconfig/libbqdisc.pc \
  644:$(DIST)/bqdisc.pc:$(LIBDIR)/pkgconfig/bqdisc.pc \
  $(foreach h,$(KIT),644:bpf/include/bqdisc/$(h):$(INCLUDEDIR)/bqdisc/$(h)) \
  $(foreach e,$(EXAMPLES),644:examples/$(e):$(SHAREDIR)/bqdisc/examples/$(e)) \
  $(foreach f,$(MACHINE),$(call mode,$(f)):$(f):$(LIBEXECDIR)/$(f))
tc_links    = $(TC_KINDS:%=$(DESTDIR)$(TCLIBDIR)/q_%.so)
place       = $(DESTDIR)$(word 3,$(subst :, ,$(1)))
# Directories of no other package.
OWN_DIRS    = $(INCLUDEDIR)/bqdisc $(SHAREDIR)/bqdisc $(LIBEXECDIR) $(SYSCONFDIR)/bqdisc.d

define put
@install -D -m $(firstword $(subst :, ,$(1))) $(word 2,$(subst :, ,$(1))) $(call place,$(1))

endef

install: all man $(DIST_FILES) ## everything, below PREFIX (/usr/local) and DESTDIR
	$(foreach f,$(INSTALLED),$(call put,$(f)))
	@ln -sf $(notdir $(SHARED)) $(DESTDIR)$(LIBDIR)/$(SONAME)
	@ln -sf $(SONAME) $(DESTDIR)$(LIBDIR)/libbqdisc.so
	@for link in $(tc_links); do ln -sf $(notdir $(TC_PLUGIN)) $$link; done
	@[ -n "$(DESTDIR)" ] || ldconfig 2>/dev/null || true

uninstall: man ## remove the files that install installs
	@rm -f $(foreach f,$(INSTALLED),$(call place,$(f))) \
	  $(DESTDIR)$(LIBDIR)/$(SONAME) $(DESTDIR)$(LIBDIR)/libbqdisc.so $(tc_links)
	@for d in $(addprefix $(DESTDIR),$(OWN_DIRS)); do \
	  [ ! -d "$$d" ] || find "$$d" -depth -type d -empty -delete; done
	@[ -n "$(DESTDIR)" ] || ldconfig 2>/dev/null || true

.PHONY: deb
deb: ## the Debian source package and its packages, in build/deb
	@tools/deb $(B)/deb

clean: ## removes what was made, but for what `make deps` fetched
	@mkdir -p $(B)
	find $(B) -mindepth 1 -maxdepth 1 ! -name deps -exec rm -rf {} +

##@ Running
.PHONY: deps demo
deps: ## install what is missing (Debian, as root), or say what it is
	@tools/deps $(DEPS)
	@$(if $(CROSS),tools/sysroot $(TRIPLET) $(SYSROOT))

demo: deps ## the main job, here or in a virtual machine
	@$(MAKE) --no-print-directory all
	@tests/demo/run

##@ Testing
# The heads of the tests declare their targets: see tests/check.
TARGETS := check check-quick check-safety check-kernels check-fq check-netem check-long
.PHONY: $(TARGETS) check-deb check-arm64 check-build check-programs lint sanitize
check: ## unit, verifier and live tests on the newest kernel, refusal on 6.12 and 6.16
check-quick: ## unit, verifier, and a pass of live tests on the newest kernel: 3 minutes
check-safety: ## killed at every lasting system call; all put back; hostile options
check-kernels: ## the live tests on 6.17, 6.18, 7.2 and 7.3
check-fq: ## fq beside the kernel's own: when packets leave, costs
check-netem: ## netem beside the kernel's own: decisions, times, costs, and what TCP gets
check-long: check-arm64 ## arm64, random options of fq, kills at every system call, Prometheus: hours

$(TARGETS): deps
	@$(MAKE) --no-print-directory check-build
	@tests/check $(@:check-%=%)

check-deb: deps ## the Debian packages: lintian, installed, upgraded and purged; as root
	@$(MAKE) --no-print-directory deb
	@tests/check deb

check-arm64: deps ## cross-built, on arm64 with pages of 4 and 16 KiB: the verifier, live tests
	@$(MAKE) --no-print-directory deps CROSS=aarch64-linux-gnu-
	@$(MAKE) --no-print-directory all check-programs CROSS=aarch64-linux-gnu-
	@tests/check arm64

# Programs of tests. They are linked with libmnl if they include its headers, with libbpf and
# libbqdisc.a if they include libbpf's or lib/'s headers, and otherwise statically with no library.
TEST_CFLAGS = -std=c11 -O2 -g $(WARN) -D_GNU_SOURCE -Ibpf -Ibpf/include -MMD -MP
HELPERS    := $(filter-out %.bpf.c tests/unit/%,$(wildcard tests/*/*.c))
using       = $(if $(HELPERS),$(notdir $(basename $(shell grep -l '^.include <$(1)/' $(HELPERS)))))
MNL_TESTS  := $(call using,libmnl)
OWN_TESTS  := $(notdir $(basename $(shell \
	grep -lE '^.include "(util|netlink|qdisc|bpf|user|attachment)/' $(HELPERS))))
BPF_TESTS  := $(sort $(call using,bpf) $(OWN_TESTS))
STATIC_TESTS := $(filter-out $(MNL_TESTS) $(BPF_TESTS),$(notdir $(HELPERS:.c=)))

# Objects of tests. Those below tests/verifier and tests/byo have rules of their own.
TEST_OBJECTS := $(notdir $(patsubst %.c,%.o,\
	$(filter-out tests/verifier/% tests/byo/%,$(wildcard tests/*/*.bpf.c))))

check-build: all man $(DIST_FILES) check-programs
check-programs: $(addprefix $(B)/tests/,$(STATIC_TESTS) $(MNL_TESTS) $(BPF_TESTS) $(TEST_OBJECTS) \
	unit-tests)
check-programs: $(patsubst tests/verifier/%.bpf.c,$(B)/tests/verifier/%.bpf.o,\
	$(wildcard tests/verifier/*.bpf.c))

# User objects: the one that `bqdisc new` writes, the examples, and malformed ones.
BROUGHT := $(patsubst tests/byo/%.bpf.c,%,$(wildcard tests/byo/*.bpf.c)) mine changed \
	$(patsubst examples/%.bpf.c,%,$(wildcard examples/*.bpf.c))
check-build: $(BROUGHT:%=$(B)/tests/byo/%.bpf.o)

vpath %.bpf.c tests/byo examples new
vpath %.bpf.c $(patsubst %/,%,$(sort $(dir $(wildcard tests/*/*.bpf.c))))
vpath %.c $(patsubst %/,%,$(sort $(dir $(HELPERS))))

$(B)/tests/byo/%.bpf.o: %.bpf.c
	@mkdir -p $(@D)
	$(call say,BPF,$<)$(CLANG) $(BPF_CFLAGS) -Itests/byo -MF $(@:.o=.d) -MT $@ -c -o $@ $< \
	  && $(STRIP) -g $@

# The same objects with such a short loop limit that a queue needs many loops.
ROUNDS := mine drr elastic pifo
check-build: $(ROUNDS:%=$(B)/tests/byo/rounds_%.bpf.o)

$(B)/tests/byo/rounds_%.bpf.o: %.bpf.c
	@mkdir -p $(@D)
	$(call say,BPF,$<)$(CLANG) $(BPF_CFLAGS) -DBQ_LOOP_MAX=512 -MF $(@:.o=.d) -MT $@ -c -o $@ $< \
	  && $(STRIP) -g $@

# A changed version of the same qdisc: it counts each packet twice.
$(B)/tests/byo/changed.bpf.c: new/mine.bpf.c
	@mkdir -p $(@D)
	$(call say,GEN,$@)sed 's/enqueued++/enqueued += 2/' $< > $@

$(B)/tests/byo/changed.bpf.o: $(B)/tests/byo/changed.bpf.c
	$(call say,BPF,$<)$(CLANG) $(BPF_CFLAGS) -MF $(@:.o=.d) -MT $@ -c -o $@ $< && $(STRIP) -g $@

$(STATIC_TESTS:%=$(B)/tests/%): $(B)/tests/%: %.c
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(TEST_CFLAGS) -static -o $@ $< $(STATIC_LIBS) -lm

$(B)/tests/jq: STATIC_LIBS = -ljansson

$(MNL_TESTS:%=$(B)/tests/%): $(B)/tests/%: %.c
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(TEST_CFLAGS) -o $@ $< $(call pkg,--libs libmnl)

$(BPF_TESTS:%=$(B)/tests/%): $(B)/tests/%: %.c $(B)/libbqdisc.a
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(ALL_CFLAGS) -o $@ $^ $(LDLIBS)

# Builds that stand for other releases: `other` has another layout, `near` other programs.
check-build: $(B)/tests/other/bqdisc $(B)/tests/near/bqdisc
$(B)/tests/other/bqdisc: VARIANT = DEFINES=-I$(B)/gen/other
$(B)/tests/other/bqdisc: $(B)/gen/other/bqdisc/instance.h
$(B)/gen/other/bqdisc/instance.h: bpf/include/bqdisc/instance.h
	@mkdir -p $(@D)
	$(call say,GEN,$@)sed 's/^\(.define BQ_LAYOUT\) .*/\1 99/' $< > $@
$(B)/tests/near/bqdisc: VARIANT = BPF_OPT=-Os
$(B)/tests/%/bqdisc: $(wildcard lib/*.[ch] lib/*/*.[ch] bpf/*.[ch] bpf/*/*.h bpf/*/*/*.h cmd/*.[ch])
	@$(MAKE) --no-print-directory B=$(B)/$* DEPS=$(DEPS) $(VARIANT) $(B)/$*/bqdisc
	@mkdir -p $(@D)
	@cp $(B)/$*/bqdisc $@

$(B)/tests/%.bpf.o: %.bpf.c
	@mkdir -p $(@D)
	$(call say,BPF,$<)$(CLANG) $(BPF_CFLAGS) -MF $(@:.o=.d) -MT $@ -c -o $@ $< && $(STRIP) -g $@

# Each tests/unit/NAME_test.c has a function NAME_suite().
UNIT_TESTS := $(wildcard tests/unit/*_test.c)
UNIT_OBJS  := $(patsubst %.c,$(B)/%.o,$(wildcard tests/unit/*.c))
# The functions that tests/unit/isolate.c replaces.
ISOLATED   := $(shell sed -n 's/^WRAP.[^,]*, \([a-z_]*\),.*/\1/p' tests/unit/isolate.c)

$(B)/gen/unit_suites.h: $(UNIT_TESTS)
	@mkdir -p $(@D)
	$(call say,GEN,$@)for t in $(notdir $(UNIT_TESTS:_test.c=)); do echo "SUITE($$t)"; done > $@

$(UNIT_OBJS): $(B)/gen/unit_suites.h

$(B)/tests/unit/top_test.o $(B)/tests/unit/apply_test.o: CPPFLAGS += -Icmd

# Parts of commands that need neither a kernel nor a terminal; words_test.c includes words.c.
UNIT_CMDS  := top_model apply_words apply_files apply_parse

$(B)/tests/unit-tests: $(UNIT_OBJS) $(UNIT_CMDS:%=$(B)/cmd/%.o) $(B)/libbqdisc.a
	$(call say,LINK,$@)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(ISOLATED:%=-Wl,--wrap=%) \
	  $(call pkg,--libs check) $(LDLIBS)

$(UNIT_OBJS): ALL_CFLAGS += $(call pkg,--cflags check)

$(B)/tests/verifier/%.bpf.o: tests/verifier/%.bpf.c
	@mkdir -p $(@D)
	$(call say,BPF,$<)$(CLANG) $(BPF_CFLAGS) -Itests/verifier -MF $(@:.o=.d) -MT $@ -c -o $@ $< \
	  && $(STRIP) -g $@

# An object without a description of its types.
$(B)/tests/verifier/fail_no_btf.bpf.o: private BPF_CFLAGS += -g0

lint: ## style, static analysis, the forbidden edges, man pages
	@tools/lint

# Uses a build directory of its own. The sanitizers' code causes wrong warnings from gcc, so
# warnings are no errors here (CI=).
sanitize: ## the unit tests under ASan and UBSan
	@$(MAKE) --no-print-directory CI= B=$(B)/sanitize DEPS=$(B)/deps \
	  CFLAGS='-O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all' \
	  $(B)/sanitize/tests/unit-tests
	@$(B)/sanitize/tests/unit-tests >$(B)/sanitize/unit.log 2>&1 || { cat $(B)/sanitize/unit.log; exit 1; }

##@ Measuring
# BENCH="PART..." selects parts; tests/perf/run describes them, and what it writes.
.PHONY: bench bench-check bench-record bench-host
bench: bench-build ## costs beside the kernel's own, in instructions; charts: build/bench
	@tests/perf/run $(BENCH)

bench-check: bench-build ## a quick part of it: no cost may be 2 % above the recorded one
	@tests/perf/run --check $(BENCH)

bench-record: ## takes the last results of `make bench` into tests/perf and docs
	@tests/perf/run --record

bench-host: all ## Gbit/s, packets/s and latency on this machine's kernel; as root
	@PATH=$(CURDIR)/$(B):$$PATH tests/perf/host.sh

.PHONY: bench-build
bench-build: deps
	@$(MAKE) --no-print-directory all $(addprefix $(B)/tests/,instructions floor.bpf.o stamp.bpf.o)

.PHONY: help
help: ## this list
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} \
	  /^[a-z-]+:.*## / {printf "  %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

-include $(shell find $(B)/cmd $(B)/lib $(B)/bpf $(B)/plugin $(B)/tests -name '*.d' 2>/dev/null)
