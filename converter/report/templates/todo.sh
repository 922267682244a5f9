#!/usr/bin/env bash
# What is left to do until the campaigns run: @ABOUT@.
#
#   bash THIS [--dry-run] [--campaign NAME]... [SECTION]...
#
# Sections, in the order of the work: @SECTIONS@.
# Without one, those up to `campaigns`; then launch tests, look at what they give, and launch.
# `optional` is done only where it is asked for.  --dry-run shows everything and does nothing.
#
# Every step can be repeated: it does nothing where it is done already, or the same once more.
# The script stops where something is missing, with its name and where it would come from.
#
# exit code: 0 done, 1 a step failed, 2 another command line is needed, 3 something is missing
set -euo pipefail

usage() {
    sed -n '2,/^set/{/^#/s/^# \{0,1\}//p;}' -- "$0"
}

known="@SECTIONS@ optional"
dry=''
missing=0
any=''
current=''
heading=''
wanted=()
sections=()

stopped() { # says where, unless it has been said
    case $? in 0 | 2 | 3) ;; *) echo "stopped at:$current" >&2 ;; esac
}

while [ $# -gt 0 ]; do
    case $1 in
    --dry-run) dry=1 ;;
    --campaign)
        [ $# -gt 1 ] || { echo "--campaign needs a name" >&2; exit 2; }
        wanted+=("$2")
        shift
        ;;
    -h | --help) usage; exit 0 ;;
    *)
        case " $known " in
        *" $1 "*) sections+=("$1") ;;
        *) echo "no section $1: $known" >&2; exit 2 ;;
        esac
        ;;
    esac
    shift
done
case $0 in */*) cd -- "${0%/*}/" ;; esac

trap stopped EXIT

# -- what steps are made of -------------------------------------------------------------------

shown() { # WORD...: so that a shell reads them again, and no terminal obeys them
    LC_ALL=C printf ' %q' "$@"
}

show() {
    echo "+$(shown "$@")"
}

run() {
    show "$@"
    [ -n "$dry" ] || "$@"
}

lacks() { # NAME, WHERE IT WOULD COME FROM
    echo "missing:$(shown "$1"): $2" >&2
    missing=1
    [ -n "$dry" ] || exit 3
}

needs() { # PROGRAM, WHAT MAKES IT AVAILABLE
    [ -n "$dry" ] || command -v "$1" >/dev/null || lacks "$1" "$2"
}

samweb_for() { # SAM-INSTANCE ARGUMENT...
    needs samweb "spack load sam-web-client, or setup sam_web_client"
    show samweb -e "$@"
    samweb -e "$@"
}

poms() { # VERB EXPERIMENT ROLE ARGUMENT...
    show poms "$@"
    [ -z "$dry" ] || return 0
    python3 - "$@" <<'PYTHON'
import sys

try:
    import poms_client
except ImportError:
    sys.exit("poms_client is missing: spack load poms-client, or setup poms_client")

verb, experiment, role, *words = sys.argv[1:]
who = {"experiment": experiment, "role": role}


def stage_id(campaign, stage):
    try:
        return poms_client.get_campaign_stage_id(experiment, campaign, stage, role=role)
    except ValueError:
        sys.exit(f"stage {stage} of campaign {campaign} is not in POMS: do section campaigns")


def upload(file):
    if not poms_client.upload_file(file, **who):
        sys.exit(f"POMS did not take {file!r}")


def campaign(file):
    _, answer = poms_client.upload_wf(file, **who)
    said = answer.get("message", "")
    said = said if isinstance(said, list) else [said]
    # What is there has the same content: its name tells that.
    harmless = ("OK", "already exists and will not change.")
    remarks = [one for one in said if not one.endswith(harmless)]
    if remarks or not str(answer.get("status")).startswith("201"):
        sys.exit(f"POMS did not take {file!r}: {answer.get('status')}: {'; '.join(said)}")


def split(campaign, stage, dataset, kind):
    columns = {"dataset": dataset, "cs_split_type": kind, "test_split_type": "None"}
    poms_client.update_campaign_stage(stage_id(campaign, stage), **columns, **who)


def launch(campaign, stage, test):
    there = []
    _, answer = poms_client.campaign_stage_submissions(experiment, role, campaign, stage)
    for one in answer["data"].get("submissions", []):
        _, known = poms_client.submission_details(experiment, role, one["submission_id"])
        if bool((known["submission"]["submission_params"] or {}).get("test")) == bool(test):
            there.append(f"{one['submission_id']} ({one['status']})")
    if there:
        print(f"launched already: {', '.join(there)}; again, if you mean it, in POMS")
        return
    try:
        where, _, submission = poms_client.launch_campaign_stage_jobs(
            stage_id(campaign, stage), test_launch=test or None, **who
        )
    except ValueError:
        # It sends people without a valid token and proxy to a page where they log in.
        sys.exit("POMS has no valid token and proxy of yours: do section credentials")
    if submission is None:
        sys.exit(f"POMS did not launch it: {where}")
    print(f"launched: submission {submission}")


try:
    {
        "upload": upload,
        "campaign": campaign,
        "split": split,
        "test": lambda *stage: launch(*stage, test=1),
        "launch": lambda *stage: launch(*stage, test=0),
    }[verb](*words)
except RuntimeError as error:
    sys.exit(f"POMS: {error}")
PYTHON
}

slices() { # SAM-INSTANCE DIMENSIONS: how many slices of at most 1 TiB; 0 without files
    needs samweb "spack load sam-web-client, or setup sam_web_client"
    samweb -e "$1" list-files --summary "$2" |
        awk '/^File count/ { files = $3 } /^Total size/ { size = $3 }
            END { n = int((size + 2^40 - 1) / 2^40); print !files ? 0 : n < 1 ? 1 : n }'
}

empty() { # DATASET
    echo "  dataset$(shown "$1") has no files yet: repeat this when it has"
}

fed() { # [SAM-INSTANCE DATASET]: whether what another campaign makes is there
    [ $# -gt 0 ] || return 0
    if [ -n "$dry" ]; then
        echo "  when dataset$(shown "$2") is complete:"
        return
    fi
    local count
    count=$(slices "$1" "defname: $2") || exit
    if [ "$count" -eq 0 ]; then
        empty "$2"
        return 1
    fi
}

# -- kinds of steps ---------------------------------------------------------------------------

do_token() { # EXPERIMENT ROLE
    needs upload_file "spack load poms-client, or setup poms_client"
    run upload_file --experiment "$1" --poms_role "$2" --vaulttoken
}

do_proxy() { # EXPERIMENT ROLE
    needs upload_file "spack load poms-client, or setup poms_client"
    run upload_file --experiment "$1" --poms_role "$2" --proxy
}

do_see() { # WHAT A PERSON HAS TO SEE TO
    echo "see that $1"
}

do_upload() { # EXPERIMENT ROLE FILE
    [ -r "$3" ] || lacks "$3" "it is uploaded from where this script lies, or give its full path"
    poms upload "$@"
}

do_define() { # SAM-INSTANCE DATASET COMMAND [PLACEHOLDER WHERE]...
    local experiment=$1 dataset=$2 command=$3
    shift 3
    while [ $# -gt 0 ]; do
        case $command in *"$1"*) lacks "$1" "$2; it stands in the definition of $dataset" ;; esac
        shift 2
    done
    needs samweb "spack load sam-web-client, or setup sam_web_client"
    set -- describe-definition "$dataset"
    case $dataset in -*) set -- describe-definition -- "$dataset" ;; esac # no option
    set -- samweb -e "$experiment" "$@"
    show "$@"
    if [ -z "$dry" ] && "$@" >/dev/null 2>&1; then
        return
    fi
    echo "+ $command"
    [ -n "$dry" ] || env SAM_EXPERIMENT="$experiment" bash -c "$command"
}

do_exists() { # SAM-INSTANCE COMMAND that fails where the dataset is not there
    needs samweb "spack load sam-web-client, or setup sam_web_client"
    echo "+ $2"
    [ -n "$dry" ] || env SAM_EXPERIMENT="$1" bash -c "$2" >/dev/null ||
        lacks "${2##* }" "somebody who knows what it should hold has to define this dataset"
}

do_prestage() { # SAM-INSTANCE DATASET SPLIT: what a launch reads, in slices of at most 1 TiB
    local part=$2 count number=0 slice
    case $3 in
    limitn\(* | drainingn\(*)
        part=$(first_of "$2" "$3")
        define_part "$1" "$part" "defname: $2 with limit ${part##*_}"
        ;;
    esac
    if [ -n "$dry" ]; then
        show samweb -e "$1" prestage-dataset --defname="$part"
        echo "  in slices, where it has more than 1 TiB"
        return
    fi
    count=$(slices "$1" "defname: $part")
    if [ "$count" -eq 0 ]; then
        empty "$2"
        return
    fi
    if [ "$count" -eq 1 ]; then
        samweb_for "$1" prestage-dataset --defname="$part"
        return
    fi
    while [ "$number" -lt "$count" ]; do
        # As POMS itself calls and defines the slices of the split type mod.
        slice=${part}_slice${number}_of_$count
        define_part "$1" "$slice" "defname: $part with stride $count offset $number"
        samweb_for "$1" prestage-dataset --defname="$slice"
        number=$((number + 1))
    done
}

first_of() { # DATASET limitn(N) or drainingn(N): the dataset of its first N files
    local count=${2#*\(}
    echo "${1}_first_${count%\)}"
}

define_part() { # SAM-INSTANCE DATASET DIMENSIONS
    local options=''
    case $2 in -*) options='-- ' ;; esac
    do_define "$1" "$2" "$(LC_ALL=C printf 'samweb create-definition %s%q %q' "$options" "$2" "$3")"
}

do_campaign() { # EXPERIMENT ROLE FILE
    [ -r "$3" ] || lacks "$3" "it is uploaded from where this script lies"
    poms campaign "$@"
}

do_split() { # EXPERIMENT ROLE CAMPAIGN STAGE DATASET SPLIT SAM-INSTANCE
    local part=$5 count=1
    case $6 in limitn\(*) part=$(first_of "$5" "$6") ;; esac
    if [[ $6 == drainingn* ]]; then
        # Else a test launch would take a slice of the dataset, as any launch does.
        poms split "$1" "$2" "$3" "$4" "$5" "$6"
        return
    fi
    [ -n "$dry" ] || count=$(slices "$7" "defname: $part")
    if [ "$count" -gt 1 ]; then
        poms split "$1" "$2" "$3" "$4" "$part" "mod($count)"
        echo "  a launch for each slice: give each its share of the jobs (-Osubmit.N)"
    fi
}

held() { # CAMPAIGN: whether something is in the way of its launch
    local why
    why=$(blocked "$1")
    [ -n "$why" ] || return 1
    echo "not launched: $1 is blocked by $why: mend or accept it, and convert again"
}

do_test() { # EXPERIMENT ROLE CAMPAIGN STAGE [SAM-INSTANCE DATASET]
    ! held "$3" || return 0
    fed "${@:5}" || return 0
    poms test "${@:1:4}"
}

do_launch() { # EXPERIMENT ROLE CAMPAIGN STAGE [SAM-INSTANCE DATASET]
    ! held "$3" || return 0
    fed "${@:5}" || return 0
    poms launch "${@:1:4}"
}

step() { # CAMPAIGN,CAMPAIGN... KIND ARGUMENT...
    local one chosen=1
    for one in ${wanted[@]+"${wanted[@]}"}; do
        chosen=
        case ",$1," in *",$one,"*) chosen=1 && break ;; esac
    done
    [ -n "$chosen" ] || return 0
    any=1
    [ -z "$heading" ] || echo "$heading"
    heading=''
    shift
    current=$(shown "$@")
    "do_$1" "${@:2}"
}

# -- the steps --------------------------------------------------------------------------------

@STEPS@
# ---------------------------------------------------------------------------------------------

if [ ${#sections[@]} -eq 0 ]; then
    sections=(@USUAL@)
    after="look at what is there; then: bash$(shown "$0") tests, and when they are as they should be: launches"
fi
for section in "${sections[@]}"; do
    heading="== $section"
    "$section"
done
[ -n "$any" ] || [ ${#wanted[@]} -eq 0 ] || { echo "nothing for ${wanted[*]}" >&2; exit 2; }
[ "$missing" -eq 0 ] || exit 3
[ -z "${after-}" ] || echo "$after"
[ -z "${after-}" ] || [ "$held_back" -eq 0 ] ||
    echo "blocked, and not launched: $held_back; bash$(shown "$0") --dry-run launches says which, and by what"
