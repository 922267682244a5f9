#!/bin/bash
# For sim of substages.cfg, which sends it with the jobs, and exports cfg_numevents, cfg_numjobs, cfg_project.
# shellcheck disable=SC2154
./fetch_flux.sh --horn fhc || exit
. setup_search_path.sh
lar "$@" || exit
./count_events.sh --min 1 || exit
. ./g4_env.sh
lar -c wrapper1.fcl --rethrow-default -n $(((PROCESS+1)*${cfg_numevents}/${cfg_numjobs}-PROCESS*${cfg_numevents}/${cfg_numjobs})) --timing --trace -s ${cfg_project}_gen0.root || exit
rm -f ${cfg_project}_gen0.root
in=$(ls -t *.root | grep -Ev 'celltree|hist|larlite|larcv|Supplemental|TGraphs' | head -n 1)
lar_mt -c wrapper2.fcl --rethrow-default -o %ifb_detsim2.root -n $(((PROCESS+1)*${cfg_numevents}/${cfg_numjobs}-PROCESS*${cfg_numevents}/${cfg_numjobs})) --timing --trace -s $in || exit
rm -f $in
./summary.sh || exit
./register.sh
