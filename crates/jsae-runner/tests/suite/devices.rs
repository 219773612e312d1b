//! Runs that want a GPU, where there is none (scripts/check-cuda is for where there is one).

use std::path::Path;

use crate::program::{Ran, command, ran, run};
use crate::tiny::{trained, write};

/// `jsae-run` on a machine whose GPUs, if any, are hidden.
fn run_without_gpu(folder: &Path, arguments: &[&str]) -> Ran {
    ran(command(folder).env("CUDA_VISIBLE_DEVICES", "").args(arguments))
}

#[track_caller]
fn wants_cuda(ran: &Ran) {
    assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
    let reasons = ["libtorch_cuda.so is not here: get it with scripts/setup --cuda", "finds no CUDA device"];
    let said =
        |reason: &&str| ran.stderr.contains("device is \"cuda\", and ") && ran.stderr.contains(*reason);
    assert!(reasons.iter().any(said), "{}", ran.stderr);
}

/// Says of the finished run under `out` that it was trained on a GPU.
fn of_a_gpu(out: &Path) {
    let config = out.join("tiny/seed-0/config.toml");
    let text = std::fs::read_to_string(&config).expect("a resolved file");
    assert!(text.contains("device = \"cpu\""), "{text}");
    std::fs::write(&config, text.replace("device = \"cpu\"", "device = \"cuda\"")).expect("written");
}

#[test]
fn what_was_trained_on_a_gpu_can_be_looked_at_without_one() {
    let out = tempfile::tempdir().expect("a temporary folder");
    trained(&[], out.path());
    let folder = out.path();
    let eval = ["eval", "tiny/seed-0", "--episodes", "2", "--json"];
    let before = run(folder, &eval);
    assert_eq!(before.code, Some(0), "{}", before.stderr);
    of_a_gpu(folder);
    for arguments in [&eval[..], &["inspect", "tiny/seed-0"]] {
        let refused = run_without_gpu(folder, arguments);
        assert_eq!(refused.code, Some(2), "{}", refused.stderr);
        wants_cuda(&refused);
        assert!(refused.stderr.contains("--device cpu does without"), "{}", refused.stderr);
        let looked = run_without_gpu(folder, &[arguments, &["--device", "cpu"]].concat());
        assert_eq!((looked.code, looked.stderr.as_str()), (Some(0), ""));
    }
    let after = run_without_gpu(folder, &[&eval[..], &["--device", "cpu"]].concat());
    assert_eq!(after.stdout, before.stdout);
    let page = run_without_gpu(folder, &["report", "tiny", "--embeddings", "e.svg", "--unfinished"]);
    assert_eq!(page.code, Some(0), "pictures need no GPU: {}", page.stderr);
}

#[test]
fn a_run_for_a_gpu_is_refused_in_one_line_where_there_is_none_and_so_is_one_that_moves() {
    let out = tempfile::tempdir().expect("a temporary folder");
    trained(&[], out.path());
    write(out.path());
    let alone = ["tiny.toml", "--out", ".", "--set", "name=\"gpu\"", "--device", "cuda", "--quiet"];
    let moved = [&alone[..], &["--set", "transfer={ from = \"tiny/seed-0\" }"]].concat();
    for arguments in [&alone[..], &moved] {
        let refused = run_without_gpu(out.path(), arguments);
        assert_ne!(refused.code, Some(0));
        wants_cuda(&refused);
    }
}
