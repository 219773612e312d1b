//! Runs that want a GPU, where there is none (scripts/check-cuda is for where there is one).

use std::path::Path;

use jsae_runner::{Registry, RunFolder};
use sha2::{Digest as _, Sha256};

use crate::program::{Ran, command, ran, run};
use crate::tiny::{checkpoint, epochs, trained, write};

/// `jsae-run` on a machine whose GPUs, if any, are hidden.
fn run_without_gpu(folder: &Path, arguments: &[&str]) -> Ran {
    ran(command(folder).env("CUDA_VISIBLE_DEVICES", "").args(arguments))
}

#[track_caller]
fn wants_cuda(ran: &Ran) {
    assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
    let reasons = [
        "libtorch_cuda.so is not here: get it with scripts/setup --cuda",
        "cannot be loaded",
        "finds no CUDA device",
    ];
    let said = |reason: &&str| ran.stderr.contains("evice is \"cuda\", and ") && ran.stderr.contains(*reason);
    assert!(reasons.iter().any(said), "{}", ran.stderr);
}

/// Makes the finished run under `out` one that was trained on a GPU: its resolved file and its checkpoints say so.
fn of_a_gpu(out: &Path) {
    let run = RunFolder::open(&out.join("tiny/seed-3")).expect("a run");
    let config = std::fs::read_to_string(run.file("config.toml")).expect("a resolved file");
    assert!(config.contains("device = \"cpu\""), "{config}");
    std::fs::write(run.file("config.toml"), config.replace("device = \"cpu\"", "device = \"cuda\""))
        .expect("written");
    let made_by = sha256(&run.experiment(&Registry::default()).expect("its experiment").to_toml());
    for epoch in epochs(&run) {
        let path = checkpoint(&run, epoch, "json");
        let manifest = std::fs::read_to_string(&path).expect("a manifest");
        std::fs::write(&path, resealed(&manifest, &made_by)).expect("written");
    }
}

/// `manifest` as the experiment with this checksum would have written it.
fn resealed(manifest: &str, config_sha256: &str) -> String {
    let (before, rest) = manifest.split_once("\"config_sha256\": \"").expect("the experiment's checksum");
    let (_, after) = rest.split_once('"').expect("its end");
    let text = format!("{before}\"config_sha256\": \"{config_sha256}\"{after}");
    let seal = "\"sha256\": \"";
    let head = &text[..text.rfind(seal).expect("a seal") + seal.len()];
    format!("{head}{}\"\n}}\n", sha256(head))
}

fn sha256(text: &str) -> String {
    format!("{:x}", Sha256::digest(text.as_bytes()))
}

#[test]
fn what_was_trained_on_a_gpu_can_be_looked_at_without_one() {
    let out = tempfile::tempdir().expect("a temporary folder");
    trained(&[], out.path());
    let folder = out.path();
    let eval = ["eval", "tiny/seed-3", "--episodes", "2", "--json"];
    let before = run(folder, &eval);
    assert_eq!(before.code, Some(0), "{}", before.stderr);
    let on_cuda = run_without_gpu(folder, &[&eval[..], &["--device", "cuda"]].concat());
    wants_cuda(&on_cuda);
    assert!(on_cuda.stderr.starts_with("tiny/seed-3: --device is \"cuda\", and "), "{}", on_cuda.stderr);
    of_a_gpu(folder);
    for arguments in [&eval[..], &["inspect", "tiny/seed-3"]] {
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
    let moved =
        [&alone[..], &["--set", "name=\"moved\"", "--set", "transfer={ from = \"tiny/seed-3\" }"]].concat();
    for arguments in [&alone[..], &moved] {
        let refused = run_without_gpu(out.path(), arguments);
        assert_eq!(refused.code, Some(2));
        wants_cuda(&refused);
    }
}
