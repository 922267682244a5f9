"""Every message, by its stable code: what is said and what to do.

A code is X2P and three digits; the first digit is the family.  Codes are never reused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec import Struct

from converter.mapping.fates import Fate
from converter.report.model import Finding

__all__ = ["CATALOGUE", "FAMILIES", "Message", "finding", "in_general"]

FAMILIES = {
    "0": "input that cannot be used",
    "1": "reading: tags, names, places",
    "2": "batch requests",
    "3": "software",
    "4": "input",
    "5": "what runs",
    "6": "output",
    "7": "scripts",
    "8": "datasets and campaigns",
    "9": "the command line, files and this program",
}


class Message(Struct, frozen=True):
    """A message of the catalogue.

    level    "note": good to know; "look": somebody should look at it; "do": something is to be
             done; "error": nothing was converted
    text     with named slots in braces
    advice   what to do, with the same slots; '' where there is nothing to do
    """

    code: str
    level: str
    text: str
    advice: str = ""

    @property
    def title(self) -> str:
        """The text for no place in particular: its slots as words in capitals."""
        return in_general(self.text)

    def render(self, slots: Mapping[str, str]) -> tuple[str, str]:
        """Text and advice with the slots filled in."""
        return self.text.format_map(slots), self.advice.format_map(slots)


def in_general(text: str) -> str:
    """A text with its slots as words in capitals."""
    return re.sub(r"\{(\w+)[^}]*\}", lambda m: m.group(1).upper(), text)


_ROWS = (
    # 0: errors carry their own words; these say what the code stands for
    Message("X2P001", "error", "not well-formed XML", "correct the XML at the place named"),
    Message("X2P002", "error", "blanks or lines before `<?xml`", "remove them"),
    Message("X2P003", "error", "far larger than any project.py file", "check the file"),
    Message(
        "X2P004",
        "error",
        "an entity that is not declared",
        "declare it in the DOCTYPE, or write `&amp;` for a plain `&`",
    ),
    Message("X2P005", "error", "elements nested too deeply", "check the file"),
    Message("X2P006", "error", "entities that expand without bounds", "simplify the DOCTYPE"),
    Message(
        "X2P007",
        "error",
        "an external entity is used; nothing outside of the file is ever read",
        "put its text into the DOCTYPE",
    ),
    Message("X2P010", "error", "no <project> element", "check that it is a project.py file"),
    Message("X2P011", "error", "a project or stage without a name", "give it a name"),
    Message("X2P012", "error", "no number of events", "give <numevents> directly in <project>"),
    Message(
        "X2P013",
        "error",
        "an element without a value; project.py stops with a traceback",
        "give it a value or remove it",
    ),
    Message("X2P014", "error", "a <parameter> without a name", "name it"),
    Message("X2P015", "error", "a base stage that is no earlier stage", "name an earlier one"),
    Message("X2P016", "error", "a stage without fcl file", "give <fcl>"),
    Message("X2P017", "error", "a stage without <outdir> or <workdir>", "give both"),
    Message("X2P018", "error", "a stage with more than one input", "keep one of them"),
    Message("X2P019", "error", "a substage's tag outside of <fcl>", "move it into its <fcl>"),
    Message(
        "X2P020",
        "error",
        "not the number that project.py expects",
        "if the file is a template, fill it in first",
    ),
    # 1: reading
    Message(
        "X2P101",
        "look",
        "stage {old!r} is called {new!r} in the campaign.cfg",
        "use that name with --stage",
    ),
    Message(
        "X2P102",
        "look",
        "a second stage {stage!r}: project.py only ever finds the first of that name",
        "rename it if it is meant to run",
    ),
    Message("X2P103", "do", "project {project!r} has no stage", "nothing to launch"),
    Message("X2P110", "look", "attribute {name!r} of <{tag}> means nothing to project.py"),
    Message("X2P111", "look", "<{tag}> means nothing to project.py{hint}"),
    Message("X2P113", "look", "project.py takes another <{tag}>: {rule}", "remove one of them"),
    Message(
        "X2P114",
        "look",
        "<{tag}> does not count here: {rule}",
        "move it if it was meant to count",
    ),
    Message("X2P115", "look", "text directly inside of <{tag}>, which project.py never reads"),
    Message(
        "X2P116",
        "look",
        "project.py reads {read!r} and loses the text that follows the first comment or element",
        "write the value in one piece",
    ),
    Message(
        "X2P117",
        "look",
        "the value begins with a comment, and project.py takes the comment's text: {read!r}",
        "move the comment out of the element",
    ),
    Message(
        "X2P118",
        "note",
        "the external or parameter entity {name!r} is declared and never used; it was not read",
    ),
    Message(
        "X2P119",
        "do",
        "no rule says what becomes of <{tag}>",
        "report this as a defect of xml2poms, with the file",
    ),
    Message("X2P120", "note", "<{tag}> is a legacy tag, which project.py ignores"),
    Message(
        "X2P121",
        "note",
        "of a project that was not converted: it has no stage, or another one was asked for",
    ),
    # 2: batch
    Message("X2P201", "look", "{value} jobs: nothing would be submitted", "give <numjobs>"),
    Message(
        "X2P202",
        "look",
        "jobs are no longer sized by bytes of input: always {jobs} jobs",
        "set numjobs (and maxfilesperjob) to what the input needs",
    ),
    Message(
        "X2P203",
        "look",
        "jobsub starts and stops the SAM project itself: its own options for that do not exist",
        "nothing, unless the SAM project needs special resources",
    ),
    Message(
        "X2P210",
        "look",
        "jobsub option {option!r}: {problem}",
        "look for its counterpart in `jobsub_submit --help`",
    ),
    Message("X2P211", "look", "the old option {option} of jobsub is {instead} today"),
    Message(
        "X2P212",
        "look",
        "jobsub option {option!r} is fife_launch's own business and was left out",
    ),
    Message(
        "X2P213",
        "look",
        "{option!r} makes a dag in which PROCESS is 0 in every job: shares of events and "
        "subrun numbers are all the same, with project.py too",
        "remove it",
    ),
    Message(
        "X2P214",
        "note",
        "<{tag}> is given again in <jobsub> ({option}), which comes later and wins: {value}",
    ),
    Message("X2P215", "look", "-e {variable}: no variable with a value", "correct it"),
    Message(
        "X2P216",
        "look",
        "the variable {variable} is taken from the environment of whoever launches",
        "in POMS set it in the login setup, or give it a value",
    ),
    Message(
        "X2P217",
        "look",
        "--role={role} in <jobsub>: project.py drops it for SAM input; it was left out",
        "use <role>",
    ),
    Message(
        "X2P218",
        "look",
        "role {role!r}: POMS knows Analysis and Production",
        "decide which of the two it is",
    ),
    Message(
        "X2P219",
        "look",
        "usage model {names} no longer exists in jobsub_lite",
        "remove it from <resource>",
    ),
    Message("X2P220", "note", "with a site, jobsub_lite ignores the usage model of <resource>"),
    Message(
        "X2P221",
        "look",
        "disk {disk} has no unit: jobsub_lite takes it as kilobytes",
        "write the unit: {disk}GB or {disk}MB",
    ),
    Message(
        "X2P222",
        "look",
        "disk {disk!r} is refused by jobsub_lite",
        "write a number with KB, MB, GB or TB",
    ),
    Message(
        "X2P223",
        "do",
        "no container image is known for <os> {os!r}: jobs run in jobsub_lite's default (el9)",
        "choose one of {known} and set submit.singularity-image",
    ),
    Message("X2P224", "look", "of <os> {os!r} the image {image} was taken"),
    Message(
        "X2P225",
        "do",
        "the worker script {script!r} is not condor_lar.sh; what it does differently is not here",
        "compare it with condor_lar.sh, or run it as the executable",
    ),
    Message(
        "X2P226",
        "look",
        "{script!r}: jobsub starts and stops the SAM project itself",
        "check that nothing else happens in the script",
    ),
    Message("X2P227", "note", "the role is {role}, as the profile says"),
    Message(
        "X2P228",
        "note",
        "jobs are called {new!r}, not {old!r}: fife_launch writes the name into a shell command",
    ),
    Message("X2P229", "note", "set as the profile says: {names}"),
    Message("X2P230", "note", "what was below {old} is below {new} today, as the profile says"),
    # 3: software
    Message(
        "X2P301",
        "look",
        "no <ups>: project.py would set up {old}, which has no release {release}; {new} was taken",
        "give <ups> if that is not it",
    ),
    Message(
        "X2P302",
        "look",
        "no release is named: the product is set up without a version, and metadata says `test`",
        "give <tag>, or set the version in job_setup.setup_1",
    ),
    Message(
        "X2P303",
        "look",
        "{path} is taken for a directory, by its name: it is not here to look at",
        "if it is a tarball, write dropbox:// in place of tardir://",
    ),
    Message("X2P304", "note", "{fcl} goes along with the jobs (-f)", "see that it is there"),
    Message(
        "X2P305",
        "look",
        "the fcl files are taken from {directory}, as project.py does if they are there",
        "if one is part of the release instead, remove its submit.f line",
    ),
    Message(
        "X2P306",
        "look",
        "{directory} would be searched for fcl files after the first directory",
        "if a file is there, correct its submit.f line",
    ),
    Message(
        "X2P307",
        "look",
        "{fcl} is looked for in the job's fcl search path; project.py looks there, and in the "
        "current folder, when it submits",
        "if it is a file of your own, give its full path",
    ),
    Message(
        "X2P308",
        "look",
        "{path!r}: a path with blanks, which project.py's dag and many tools do not take",
        "correct the path",
    ),
    Message(
        "X2P309",
        "look",
        "{product!r} is no name of a ups product",
        "name products with commas between",
    ),
    Message(
        "X2P330",
        "note",
        "{tarball} is ${there} in a job, as in project.py's, and ${here} too; there "
        "$INPUT_TAR_DIR_LOCAL holds the scripts and fcl files that project.py sends itself",
        "a script that takes one of those from $INPUT_TAR_DIR_LOCAL finds it in its own folder",
    ),
    Message(
        "X2P331",
        "note",
        "the files in {tarball} are copied to where lar runs, as project.py's job does: those with "
        "the ending of data come back with the output",
    ),
    # 4: input
    Message("X2P401", "note", "there is no stage {stage!r} before this one: no input at all"),
    Message(
        "X2P402",
        "look",
        "inputmode {mode!r} does nothing: only `textfile` with a file or a list does",
    ),
    Message(
        "X2P403",
        "note",
        "dataset {dataset} is what stage {stage!r} makes: the stage depends on it",
    ),
    Message(
        "X2P404",
        "note",
        "POMS hands over what stage {stage!r} declared as a dataset ({dataset} outside of POMS), "
        "not a list of files: SAM decides which job gets which file",
    ),
    Message(
        "X2P405",
        "do",
        "stage {stage!r} gives its output no dataset name, so that this stage can only be "
        "launched by POMS, or with a dataset given by hand",
        "give {stage!r} a <defname>, or launch with -Oglobal.sam_dataset=NAME",
    ),
    Message(
        "X2P406",
        "do",
        "only stream {stream!r} of what stage {stage!r} makes is read: outside of POMS a dataset "
        "has to hold just that",
        'samweb create-definition {dataset} "defname: {defname} and data_stream {stream}"',
    ),
    Message(
        "X2P407",
        "look",
        "up to {limit} files for a job: {files} jobs of stage {stage!r} make one file each, for "
        "{jobs} jobs here",
        "change sam_consumer.limit if a job makes more files",
    ),
    Message(
        "X2P408",
        "look",
        "maxfilesperjob {value} with a single input file: project.py's worker stops with an error",
        "remove <maxfilesperjob>",
    ),
    Message(
        "X2P409",
        "note",
        "{path} goes along with the jobs as it is at launch; a job without a share of it fails "
        "in lar, which finds no list",
    ),
    Message(
        "X2P410",
        "do",
        "{path} is looked for in the folder of whoever launches",
        "upload it to POMS with the campaign.cfg, or give its full path",
    ),
    Message(
        "X2P411",
        "do",
        "the draining dataset has to exist: project.py makes it, POMS does not",
        "{command}",
    ),
    Message(
        "X2P412",
        "do",
        "jobs start when that part of the dataset is on disk: it has to be prestaged",
        "samweb prestage-dataset --defname={dataset}",
    ),
    Message("X2P413", "do", "no counterpart for {what}", "make a dataset definition that does it"),
    Message(
        "X2P414",
        "look",
        "a second SAM input ({dataset}) has no counterpart",
        "let POMS launch project.py itself for this stage",
    ),
    Message(
        "X2P415",
        "note",
        "project.py asks the fcl for its process name to introduce itself to SAM; the stage's "
        "name stands in",
    ),
    Message(
        "X2P416",
        "look",
        "the input {kind} names no file: project.py's worker stops with an error",
        "name the input, or remove the element",
    ),
    Message(
        "X2P417",
        "note",
        "one file for a job: {files} jobs of stage {stage!r} make one file each, for as many here",
        "change sam_consumer.limit if a job makes more files",
    ),
    Message(
        "X2P418",
        "note",
        "POMS drains {base} itself, {limit} files at a time, and remembers which it had; outside "
        "of POMS the draining dataset has to exist",
        "{command}",
    ),
    # 5: what runs
    Message(
        "X2P501",
        "note",
        "version {version}: nothing in this experiment's metadata takes it",
    ),
    Message("X2P502", "note", "parameter {name}: nothing in this experiment's metadata takes it"),
    Message("X2P503", "look", "line breaks in the value became blanks", "write it on one line"),
    Message(
        "X2P504",
        "look",
        "run number {run} of the project serves project.py's --define only, not the jobs",
        "use it in the definition of the output dataset",
    ),
    Message(
        "X2P505",
        "look",
        "merging with {program!r} is no part of a job",
        "add a stage that merges, or merge by hand",
    ),
    Message("X2P506", "look", "arguments with special characters: {args}", "check run_lar.sh"),
    Message(
        "X2P507",
        "look",
        "{events} events in {jobs} jobs: some jobs have none; project.py's lar then runs without "
        "-n, here with -n 0",
        "have at least as many events as jobs",
    ),
    Message(
        "X2P508",
        "look",
        "the input of {fcl} is the newest .root file that looks like an art file; project.py "
        "looks into the files as well",
        "give <output> in each <fcl>",
    ),
    Message(
        "X2P509",
        "look",
        "{args!r}: quotes that do not match, or signs that end a command: project.py's job stops "
        "with a shell error",
        "correct the arguments",
    ),
    Message(
        "X2P510",
        "look",
        "{events} events in {jobs} jobs: project.py gives -n -1 to some jobs and no -n to "
        "the others; here no job has -n",
        "give the number of events of all jobs together, or none",
    ),
    Message(
        "X2P511",
        "look",
        "{name!r} has characters that the shell of the job takes for its own",
        "use letters, digits and _ . + - /",
    ),
    # 6: output
    Message(
        "X2P520",
        "look",
        "{tag} {number} is more than a shell can count: project.py's job leaves out {what}, and so "
        "do these",
        "if that is not meant, give a number that can be",
    ),
    Message(
        "X2P521",
        "look",
        "{option} {number}: lar takes at most {most}, and stops",
        "for all events there are, give -1; else a number that can be",
    ),
    Message(
        "X2P522",
        "look",
        "{events} events are more than a shell can count: project.py's job takes them for {taken}, "
        "and shares those out; so do these",
        "give a number that can be",
    ),
    Message(
        "X2P523",
        "look",
        "run {run}: art has runs from 0 to 4294967294",
        "give a number among those",
    ),
    Message(
        "X2P524",
        "look",
        "{tag} {value}: project.py acts on 1 alone, so {effect}",
        "give 1 or 0",
    ),
    Message(
        "X2P525",
        "look",
        "maxfilesperjob {files}: as in project.py, each job reads from its first file to the end "
        "of the list, files of other jobs too",
        "give 0 for no limit",
    ),
    Message(
        "X2P526",
        "look",
        "maxfilesperjob {files}: SAM counts files from 1 to {most}",
        "give 0, or leave it out, for no limit",
    ),
    Message(
        "X2P527",
        "look",
        "prestagefraction {share}: jobs would wait for more files than the dataset has; here they "
        "do not wait",
        "give a number from 0 to 1",
    ),
    Message(
        "X2P528",
        "look",
        "recurlimit {limit} is no number of files: SAM refuses such a dataset",
        "give a number of files, or 0 for no limit",
    ),
    Message("X2P529", "look", "memory {memory}: less than nothing", "give a number of MB"),
    Message(
        "X2P602",
        "note",
        "lar's output goes to the job's own log, which jobsub keeps for failed jobs too, not into "
        "log.tar; log.tar is made after success only, since nothing is copied of a failed job",
    ),
    Message(
        "X2P603",
        "look",
        "{directory!r}: a directory with blanks or characters of the shell",
        "correct the path",
    ),
    Message(
        "X2P604",
        "look",
        "copy without check: project.py would copy the data files nowhere; here they go to outdir",
        "give <check>1</check> as well, or remove <copy>",
    ),
    Message(
        "X2P605",
        "do",
        "no dropbox is known for {experiment}: data files go to outdir",
        "set job_output.dest",
    ),
    Message(
        "X2P606",
        "look",
        "data files go to the dropbox {path}; project.py makes the path from each file's metadata",
        "check that the tier is right for all files of the stage",
    ),
    Message(
        "X2P607",
        "note",
        "declared to SAM in the job, with a location; project.py also validates the files first",
    ),
    Message(
        "X2P608",
        "note",
        "files of stage {stage!r} are declared to SAM in the job, since another stage reads them",
    ),
    Message(
        "X2P609",
        "note",
        "{directory} is not in /pnfs: the job makes its folder there, as project.py's does",
        "check that grid jobs can write there today",
    ),
    Message(
        "X2P610",
        "look",
        "{levels} levels of output folders are more than any storage wants",
        "one or two are enough",
    ),
    Message(
        "X2P611",
        "look",
        "files of stage {stage!r} are declared without parents: art names the file of the substage "
        "before, which SAM does not know; project.py names the job's input files",
        "if parentage matters, run one fcl a stage",
    ),
    Message(
        "X2P612",
        "look",
        "{kind!r} is no ending of file names: it is left out",
        "name plain endings, with commas between",
    ),
    Message(
        "X2P620",
        "look",
        "{file} comes along and has the ending of a data file: each job copies it into its folder "
        "and brings it back with its output, as project.py's does",
        "to leave it out, let the first job_setup.postscript be: rm -f {file}",
    ),
    Message(
        "X2P621",
        "note",
        "files {kinds} are kept, and not declared to SAM; project.py declares one that is no art "
        "file only where its metadata, with a file_type, stands beside it (NAME.json)",
        "if a script of the job writes such metadata, give their job_output section "
        "metadata_extractor = json",
    ),
    Message(
        "X2P622",
        "look",
        "check, but only files {kinds} are kept: project.py declares one only where its metadata, "
        "with a file_type, stands beside it (NAME.json), and fails a job that made none; here "
        "nothing is declared or checked",
        "if a script of the job writes such metadata, give job_output metadata_extractor = json",
    ),
    Message(
        "X2P623",
        "do",
        "copy to the dropbox, but no {missing} says which one of {experiment}: data files go to "
        "outdir",
        "give it, or set job_output.dest",
    ),
    Message(
        "X2P624",
        "look",
        "{kinds}: files of the worker itself have this ending, of project.py's and of fife_wrap, "
        "and are kept as data too: other ones here than there",
        "give the files that you want an ending of their own",
    ),
    Message(
        "X2P625",
        "look",
        "check, but only files {kinds} are kept, of which project.py's validation takes none: its "
        "job ends as failed after copying them; here nothing is declared or checked",
        "name data file types without a dot, or remove <check>",
    ),
    Message(
        "X2P626",
        "look",
        "{file} comes along and has the ending of an art file: each job copies it into its folder, "
        "brings it back with its output and declares it to SAM, as project.py's does with an art "
        "file",
        "to leave it out, let the first job_setup.postscript be: rm -f {file}",
    ),
    Message(
        "X2P627",
        "look",
        "stage {stage!r} keeps only files {kinds}, and no art file for the stage that reads it: in "
        "project.py the list of its files is empty, and here nothing is declared",
        "add root to its <datafiletypes>",
    ),
    # 7: scripts
    Message(
        "X2P701",
        "look",
        "{script} runs before the files are declared and copied, not after",
        "check that it does not need them declared",
    ),
    Message(
        "X2P702",
        "look",
        "{script} never runs: project.py runs finalization scripts only with <check>1</check>",
    ),
    Message(
        "X2P703",
        "note",
        "{script} is looked for on the job's PATH, where the release puts its scripts",
        "if it is a file of yours, give its path",
    ),
    Message(
        "X2P704",
        "look",
        "{script} runs before the launch; if it fails, the launch goes on",
        "check its result before launching",
    ),
    Message(
        "X2P705",
        "note",
        "{script} runs after success only; project.py runs it after a failed executable too",
        "run it in a script of its own where it has to clean up",
    ),
    Message(
        "X2P706",
        "look",
        "{script!r} has characters that the shell of the job takes for its own",
        "give the script a plain name and plain arguments",
    ),
    # 8: datasets
    Message(
        "X2P801",
        "note",
        "the job itself puts its files into dataset {dataset}; launched by POMS, into the dataset "
        "that POMS hands to the next stage",
    ),
    Message(
        "X2P802",
        "do",
        "dataset {dataset} has to be defined by hand: project.py's --define did it",
        "{command}",
    ),
    Message("X2P803", "note", "{tier} serves the definition of dataset {dataset} only"),
    Message(
        "X2P804",
        "note",
        "the job itself puts its files into dataset {dataset}, which another campaign reads",
    ),
    Message("X2P820", "error", "a name or value that a campaign.ini cannot hold", "simplify it"),
    Message(
        "X2P821",
        "do",
        "several stages wait for no other one ({stages}): POMS launches a whole campaign only if "
        "exactly one does",
        "launch the stages one by one, or make a campaign of each chain",
    ),
    Message(
        "X2P822",
        "do",
        "POMS finds no output of stage {stage!r}, which another stage reads",
        "give <check>1</check>, and before the next stage is launched define its dataset: "
        "project.py --define",
    ),
    Message(
        "X2P823",
        "note",
        "settings of {stages} have no counterpart here; with project.py as launcher they keep "
        "their meaning",
        "xml2poms … --launcher project.py",
    ),
    Message(
        "X2P824",
        "do",
        "what stage {stage!r} of another project makes is read here: POMS knows no dependency "
        "between campaigns",
        "launch this campaign when dataset {dataset} is complete",
    ),
    Message(
        "X2P825",
        "look",
        "{file} is a campaign {name!r} too: in POMS the one uploaded last replaces the other",
        "name them apart: [campaign] name in a profile can hold the name of the XML",
    ),
    Message("X2P830", "error", "a campaign.cfg that fife_launch cannot read", "correct the line"),
    Message("X2P831", "error", "a stage that fife_launch cannot apply", "correct the key"),
    Message("X2P832", "error", "an included file is not found", "put it beside the file"),
    Message("X2P833", "error", "Python in a campaign.cfg, which is not followed", "use -O"),
    Message("X2P834", "error", "an override that fife_launch cannot read", "-Osection.key=value"),
    Message("X2P835", "error", "an option that fife_wrap refuses in the job", "correct it"),
    Message("X2P836", "error", "a value that the shell of the job would run", "quote it"),
    Message("X2P837", "error", "a campaign.ini that POMS would refuse", "convert the XML again"),
    # 9: command line
    Message("X2P901", "error", "no experiment's name", "one word in small letters"),
    Message("X2P902", "error", "the experiment cannot be told", "use --experiment"),
    Message("X2P903", "error", "the output exists and differs", "use --force to replace it"),
    Message("X2P904", "error", "the output cannot be written", "choose another place"),
    Message("X2P905", "error", "the input cannot be read", "check name and permissions"),
    Message("X2P906", "error", "no such project in the file", "name one of those listed"),
    Message("X2P907", "error", "an unknown kind of report", "use one of those listed"),
    Message("X2P908", "error", "a mistake in a profile", "see xml2poms profile EXP"),
    Message("X2P909", "error", "no such stage in the project", "name one of those listed"),
    Message("X2P910", "error", "the real fife_launch cannot be asked", "set up fife_utils"),
    Message("X2P911", "error", "the process that converted the file ended", "convert it alone"),
    Message("X2P912", "error", "nothing to migrate", "name a directory, or --files-from"),
    Message("X2P913", "error", "a mistake in a waivers file", "correct it"),
    Message("X2P914", "error", "nothing to review", "name a migration's directory or a report"),
    Message("X2P999", "error", "an internal error", "report it with the file that was written"),
)

CATALOGUE: Mapping[str, Message] = {row.code: row for row in _ROWS}


def finding(
    code: str,
    fate: Fate,
    slots: Mapping[str, str],
    *,
    path: str | None = None,
    line: int | None = None,
    project: str | None = None,
    stage: str | None = None,
    targets: tuple[str, ...] = (),
) -> Finding:
    """What the catalogue says about a place."""
    message = CATALOGUE[code]
    text, advice = message.render(slots)
    return Finding(
        code, message.level, fate, text, advice or None, path, line, project, stage, targets
    )
