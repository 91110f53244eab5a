# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Completion of bqdisc for fish: the program itself knows what may come next.

function __bqdisc_complete
    set -l words (commandline -opc) (commandline -ct)
    $words[1] complete -- $words[2..-1] 2>/dev/null
end

complete -c bqdisc -f -a '(__bqdisc_complete)'
