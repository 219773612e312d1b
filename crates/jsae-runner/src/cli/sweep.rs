use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Result;

use super::arguments::{Sweep as Arguments, SweepCommand, SweepSource};
use super::output::say;
use crate::exit::Exit;
use crate::experiment::{Place, Problems, Registry};
use crate::signals;
use crate::stderr::tell;
use crate::sweep::{self, Part, Plan, Results, Run, Sweep, SweepPlace, Table, duration};

/// `jsae-run sweep FILE` and `jsae-run sweep status FILE`
pub(super) fn sweep(arguments: &Arguments, registry: &Registry) -> Result<Exit> {
    if let Some(SweepCommand::Status { source }) = &arguments.command {
        return status(source, registry);
    }
    let frozen = is_frozen(&arguments.source);
    let mut plan = open(&arguments.source, arguments.force)?;
    if !frozen {
        plan.check(registry)?;
    }
    if arguments.dry_run {
        return dry_run(&plan, arguments, registry);
    }
    let results = Results::collect(&plan);
    if !frozen {
        plan.compare(registry)?;
        plan.freeze(registry)?;
    }
    if arguments.emit_tasks {
        let chunk = arguments.chunk.map_or(1, std::num::NonZero::get);
        sweep::commands(&plan, &results, chunk, arguments.retry)?.iter().for_each(|line| say!("{line}"));
        return Ok(Exit::Done);
    }
    if arguments.finals && !results.search_is_over() {
        let open = results.search().filter(|seed| seed.is_open()).count();
        tell!("the search has gaps: {open} runs are open; start it again without --finals to complete them");
        return Ok(Exit::Stopped);
    }
    if arguments.slurm {
        return submit(&plan, &results, arguments, registry);
    }
    work(&plan, &results, arguments, registry)
}

/// Is the file the folder of a sweep?
fn is_frozen(source: &SweepSource) -> bool {
    source.file.as_ref().is_some_and(|file| file.is_dir())
}

fn open(source: &SweepSource, force: bool) -> Result<Plan> {
    let file = source.file.as_deref().unwrap_or(Path::new(""));
    let frozen = is_frozen(source);
    let place = SweepPlace::at(file);
    let mut sweep = Sweep::load(&if frozen { place.file() } else { file.to_owned() })?;
    if frozen && !source.set.is_empty() {
        let problem = "is the folder of a sweep, and --set changes sweep files";
        return Err(Problems::one(Place::Path(file.to_owned()), problem).into());
    }
    sweep.set.extend(source.set.iter().cloned());
    let place = if frozen { place } else { SweepPlace::of(&sweep, &source.out) };
    // What is there was allowed when it was begun.
    Ok(Plan::new(sweep, place, force || frozen)?)
}

fn status(source: &SweepSource, registry: &Registry) -> Result<Exit> {
    let plan = open(source, true)?;
    if !is_frozen(source) {
        plan.check(registry)?;
    }
    let results = Results::collect(&plan);
    if plan.place.path().is_dir() {
        results.write(&plan)?;
    }
    results.lines(&plan).iter().chain(&results.under_way(&plan)).for_each(|line| say!("{line}"));
    Ok(judged(results.runs()))
}

fn dry_run(plan: &Plan, arguments: &Arguments, registry: &Registry) -> Result<Exit> {
    for number in 0..plan.len() {
        say!("trial {number}: {}", plan.trial(number).describe());
    }
    let results = Results::collect(plan);
    let (search, finals) = (&plan.sweep.search_seeds, &plan.sweep.final_seeds);
    let open = |seed: &&sweep::SeedResult| seed.is_open();
    let mut left: Vec<Run> = results.search().filter(open).map(|seed| seed.run).collect();
    if results.search_is_over() {
        left.extend(results.finals.iter().filter(open).map(|seed| seed.run));
    } else {
        // Whichever is the best, it has as many.
        left.extend(plan.finals(0));
    }
    let (sharing, embeddings) = plan.shared_embeddings(&left, registry)?;
    let left = left.len();
    tell!(
        "{} trials × {} search seeds, then {} fresh seeds of the best: {left} runs to be made",
        plan.len(),
        search.len(),
        finals.len()
    );
    let jobs = jobs(arguments, plan, registry)?;
    let measured = sweep::measure(plan, registry)?;
    let rounds = |runs: usize| (runs as f64 / jobs as f64).ceil();
    let own = left - sharing + embeddings;
    let whole = rounds(own) * measured.before + rounds(left) * (measured.run - measured.before);
    if sharing > 0 {
        tell!("{sharing} of them share their embeddings, of which {embeddings} are to be pre-trained");
    }
    tell!(
        "about {} with {jobs} at a time: a run takes about {} ({} before the first epoch, {:.3} s an epoch, by {} epochs of trial 0)",
        duration(whole),
        duration(measured.run),
        duration(measured.before),
        measured.epoch,
        measured.epochs
    );
    Ok(Exit::Done)
}

fn submit(plan: &Plan, results: &Results, arguments: &Arguments, registry: &Registry) -> Result<Exit> {
    let job = &arguments.job;
    let options = sweep::slurm::Options {
        partition: job.partition.clone(),
        time: job.time.clone(),
        mem: job.mem.clone(),
        array_limit: job.array_limit.map(std::num::NonZero::get),
        chunk: arguments.chunk.map(std::num::NonZero::get),
        signal: job.signal,
        retry: arguments.retry,
        force: arguments.force,
    };
    sweep::slurm::submit(plan, results, &options, registry)?.iter().for_each(|line| say!("{line}"));
    Ok(Exit::Done)
}

/// Makes what is left, here and now.
fn work(plan: &Plan, before: &Results, arguments: &Arguments, registry: &Registry) -> Result<Exit> {
    let stop = Arc::new(AtomicBool::new(false));
    let asked = Arc::clone(&stop);
    // A second request leaves at once; the workers then hear of this process's death.
    signals::on_stop(move || asked.store(true, Ordering::Relaxed), || signals::leave())?;
    let n_at_once = jobs(arguments, plan, registry)?;
    let task = match arguments.task {
        None if arguments.shard.is_none() => sweep::number_from_environment()?,
        task => task,
    };
    if let (true, Some(task)) = (arguments.finals, task)
        && task >= plan.sweep.final_seeds.len()
    {
        let problem =
            format!("task {task}: there is none, the sweep has {} fresh seeds", plan.sweep.final_seeds.len());
        return Err(Problems::one(Place::Path(plan.place.path().to_owned()), problem).into());
    }
    let part = match (task, arguments.shard) {
        (Some(number), _) => Part::Chunk { number, size: arguments.chunk.map_or(1, std::num::NonZero::get) },
        (None, Some((index, count))) => Part::Shard { index: index - 1, count },
        (None, None) => Part::All,
    };
    let make = |results: &Results, runs: &[Run]| -> Result<()> {
        let mut table = Table::new(plan, results, runs.len(), arguments.quiet);
        let made = sweep::schedule(plan, runs, n_at_once, arguments.retry, registry, &stop, &mut table);
        table.close_all();
        made
    };
    let is_left = |seed: &&sweep::SeedResult| seed.is_open() || arguments.retry && seed.is_failed();
    if !arguments.finals {
        plan.search(part)?;
        let left = before.search().filter(is_left).map(|seed| seed.run);
        let left: Vec<Run> = left.filter(|run| part.contains(run.trial)).collect();
        make(before, &left)?;
    }
    let mut results = Results::collect(plan);
    if !stop.load(Ordering::Relaxed) && (part == Part::All || arguments.finals) {
        let finals = results.finals.iter().enumerate();
        let finals =
            finals.filter(|(number, _)| !arguments.finals || task.is_none_or(|task| task == *number));
        let left: Vec<Run> = finals.map(|(_, seed)| seed).filter(is_left).map(|seed| seed.run).collect();
        if !left.is_empty() {
            make(&results, &left)?;
            results = Results::collect(plan);
        }
    }
    conclude(plan, &results, (part, task), arguments)
}

/// Writes the results, and judges the runs that this command answers for.
fn conclude(
    plan: &Plan,
    results: &Results,
    (part, task): (Part, Option<usize>),
    arguments: &Arguments,
) -> Result<Exit> {
    // A task leaves the results to the job that aggregates.
    if !matches!(part, Part::Chunk { .. }) {
        results.write(plan)?;
        if !arguments.quiet {
            results.lines(plan).iter().for_each(|line| say!("{line}"));
        }
    }
    if arguments.verbose {
        tell!("{}", sweep::processor_time());
    }
    if arguments.finals && results.best.is_none() {
        return Ok(Exit::Failed);
    }
    let finals = results.finals.iter().enumerate();
    let finals = finals.filter(|(number, _)| task.is_none_or(|task| task == *number)).map(|(_, seed)| seed);
    let search = results.search().filter(|seed| part.contains(seed.run.trial));
    Ok(match (arguments.finals, part) {
        (true, _) => judged(finals),
        (false, Part::All) => judged(search.chain(finals)),
        (false, _) => judged(search),
    })
}

fn judged<'a>(runs: impl Iterator<Item = &'a sweep::SeedResult>) -> Exit {
    let runs: Vec<_> = runs.collect();
    if runs.iter().any(|seed| seed.is_open()) {
        Exit::Stopped
    } else if runs.iter().any(|seed| seed.is_failed()) {
        Exit::Failed
    } else {
        Exit::Done
    }
}

/// Runs at a time.
fn jobs(arguments: &Arguments, plan: &Plan, registry: &Registry) -> Result<usize> {
    if let Some(jobs) = arguments.jobs {
        return Ok(jobs.get());
    }
    let given = std::env::var("SLURM_CPUS_PER_TASK").ok().and_then(|text| text.parse().ok());
    let processors = given.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
    let threads = plan.base(registry)?.training.n_threads;
    Ok((processors / threads).max(1))
}
