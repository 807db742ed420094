//! The one who writes: takes what waits, settles it as one batch, and answers after the commit.
//!
//! Under load a batch is what came while the last one was on its way to the disk, so the cost of a commit is shared
//! by as many as wait for it; alone, a message waits for nobody.

use crate::{
    authorise::Rules,
    books::{AnswerSigner, Books, Case, Draws, settle},
    error::BooksError,
};
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// A case, and where its answer goes; none when the books could not take it.
pub struct Waiting {
    /// What was asked.
    pub case: Case,
    /// Whoever asked.
    pub answer: oneshot::Sender<Option<Vec<u8>>>,
}

/// The writer's belongings.
pub struct Writer<B, D> {
    /// Where the books are.
    pub books: B,
    /// What the bank allows.
    pub rules: Rules,
    /// Signs the answers.
    pub signing: Arc<dyn AnswerSigner>,
    /// What the bank makes up for a sale.
    pub draws: D,
    /// Most messages of one commit.
    pub batch_max: usize,
}

impl<B: Books, D: Draws> Writer<B, D> {
    /// Works until every sender is gone and the queue is empty; gives the books back, to be closed.
    pub async fn run(mut self, mut queue: mpsc::Receiver<Waiting>) -> B {
        let mut waiting = Vec::with_capacity(self.batch_max);
        while queue.recv_many(&mut waiting, self.batch_max).await > 0 {
            let (cases, answers): (Vec<_>, Vec<_>) =
                waiting.drain(..).map(|Waiting { case, answer }| (case, answer)).unzip();
            let settled = self.settle_all(&cases).await;
            for (answer, bytes) in answers.into_iter().zip(settled) {
                // The connection may be gone; the answer is in the books.
                let _ = answer.send(bytes);
            }
        }
        self.books
    }

    /// A batch that makes no sense is tried one by one, so that one message cannot stop the others. With the database
    /// itself in trouble that would only take longer.
    async fn settle_all(&mut self, cases: &[Case]) -> Vec<Option<Vec<u8>>> {
        match self.settle(cases).await {
            Ok(answers) => answers.into_iter().map(Some).collect(),
            Err(error) => {
                tracing::error!(%error, messages = cases.len(), "a batch was not settled");
                if cases.len() == 1 || matches!(error, BooksError::Store(_)) {
                    return vec![None; cases.len()];
                }
                let mut answers = Vec::with_capacity(cases.len());
                for case in cases {
                    let settled = self.settle(std::slice::from_ref(case)).await;
                    answers.push(settled.ok().and_then(|mut answers| answers.pop()));
                }
                answers
            }
        }
    }

    async fn settle(&mut self, cases: &[Case]) -> Result<Vec<Vec<u8>>, BooksError> {
        settle(&mut self.books, cases, &self.rules, &*self.signing, &mut self.draws).await
    }
}
