# SPDX-License-Identifier: MIT
# Completions of `aio` for bash.

_aio() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
    if ((COMP_CWORD == 1)); then
        mapfile -t COMPREPLY < <(compgen -W "get serve bench ws help --help --version" -- "$word")
        return
    fi
    case $before in
        --output | -o | --cert | --key)
            mapfile -t COMPREPLY < <(compgen -f -- "$word")
            return
            ;;
        --directory | -d)
            if [[ ${COMP_WORDS[1]} == get ]]; then
                mapfile -t COMPREPLY < <(compgen -d -- "$word")
                return
            fi
            ;;
    esac
    local options
    case ${COMP_WORDS[1]} in
        get) options="--output --directory --continue --force --jobs --header --timeout --insecure --quiet" ;;
        serve) options="--port --host --tls --cert --key --no-listing --follow-links --quiet" ;;
        bench) options="--connections --duration --requests --rate --method --data --header --timeout --insecure --json" ;;
        ws) options="--header --protocol --origin --compress --heartbeat --timeout --wait --insecure" ;;
        help) options="get serve bench ws" ;;
        *) return ;;
    esac
    if [[ ${COMP_WORDS[1]} == serve && $word != -* ]]; then
        mapfile -t COMPREPLY < <(compgen -d -- "$word")
    else
        mapfile -t COMPREPLY < <(compgen -W "$options --help" -- "$word")
    fi
}
complete -F _aio aio
