use anyhow::Result;
use jsae_embed::{Judgement, Predicted};

use super::{Figure, Section, Subject, numbers};
use crate::experiment::Samples;

/// Gain on the constant, of what can be gained, below which nothing was learnt to speak of.
const LITTLE: f64 = 0.05;

/// How well the embedding's own model does on fresh samples, where it has one.
pub(super) fn section(subject: &Subject) -> Result<Option<Section>> {
    let Some(Judgement { predicted, loss, constant_loss }) =
        subject.agent.embedding().judge(&subject.samples)?
    else {
        return Ok(None);
    };
    let oracle = if predicted == Predicted::NextState { oracle(subject)? } else { None };
    let possible = constant_loss - oracle.unwrap_or(0.0);
    let gain = if possible > 0.0 { (constant_loss - loss) / possible } else { 0.0 };
    let mut figures = vec![
        Figure::new("transition/loss", loss, "loss on fresh samples, as pre-training minimises it"),
        Figure::new(
            "transition/constant_loss",
            constant_loss,
            "loss of the best constant prediction on them",
        ),
    ];
    if let Some(oracle) = oracle {
        let meaning = "loss of one who knows the environment and sees what the agent sees";
        figures.push(Figure::new("transition/oracle_loss", oracle, meaning));
    }
    let of = if oracle.is_some() { "from the constant to the oracle" } else { "from the constant to 0" };
    figures.push(
        Figure::new("transition/gain", gain, format!("share of the way {of} that was made")).judged(
            gain >= LITTLE,
            "it predicts",
            "no better than a constant: the embedding has learnt nothing",
        ),
    );
    let what = match predicted {
        Predicted::NextState => "Transition model T: the next state",
        Predicted::NextStateEmbedding => "Transition model T: the next state's embedding",
        Predicted::Action => "RA's model: the action taken",
    };
    Ok(Some(Section { title: format!("{what}, {} fresh samples", subject.samples.len()), figures }))
}

fn oracle(subject: &Subject) -> Result<Option<f64>> {
    let samples = &subject.samples;
    let rows = [&samples.observations, &samples.actions, &samples.next_observations].map(numbers);
    let [observations, actions, next_observations] = &rows;
    Ok(subject.experiment.env.oracle_loss(&Samples { observations, actions, next_observations })?)
}
