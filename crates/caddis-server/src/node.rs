//! A node of the service tree: one handler, and the node after it.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};

use crate::{Body, HandlerError, Request, Response, Result};

/// The answer of a node, as it comes. One that is there already costs no future of its own.
#[expect(
    clippy::large_enum_variant,
    reason = "an answer that is there would pay for a box, and costs nothing now"
)]
pub(crate) enum Answer<'a> {
    /// It is there; taken by the first poll.
    Ready(Option<Result<Response>>),
    /// It has to be waited for.
    Waiting(Pin<Box<dyn Future<Output = Result<Response>> + Send + 'a>>),
}

impl<'a> Answer<'a> {
    pub(crate) fn ready(result: Result<Response>) -> Self {
        Self::Ready(Some(result))
    }

    pub(crate) fn waiting(future: impl Future<Output = Result<Response>> + Send + 'a) -> Self {
        Self::Waiting(Box::pin(future))
    }
}

impl Future for Answer<'_> {
    type Output = Result<Response>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut *self {
            Self::Ready(result) => Poll::Ready(result.take().expect("polled once")),
            Self::Waiting(future) => future.as_mut().poll(cx),
        }
    }
}

/// Does its work on a request, or hands it on.
pub trait Handle: Send + Sync + 'static {
    /// Answers the request, with the help of the node after this one if it likes.
    fn handle(
        &self,
        request: Request,
        next: &Node,
    ) -> impl Future<Output = Result<Response>> + Send;
}

/// Changes a request, or what is known of it, and always hands it on. Costs no future of its own.
pub trait Edit: Send + Sync + 'static {
    /// Changes the request.
    fn edit(&self, request: &mut Request) -> Result<()>;
}

/// Answers a request without waiting for anything. Costs no future of its own.
pub trait Reply: Send + Sync + 'static {
    /// Answers the request.
    fn reply(&self, request: Request) -> Result<Response>;
}

/// A node of the service tree: cheap to clone, never changed once built.
#[derive(Clone)]
pub struct Node(Arc<dyn Erased>);

/// A node that does not stay for whoever has this.
#[derive(Clone)]
pub(crate) struct WeakNode(Weak<dyn Erased>);

impl WeakNode {
    /// The node, if it is still there.
    pub(crate) fn upgrade(&self) -> Option<Node> {
        self.0.upgrade().map(Node)
    }
}

/// What a node does, whatever is in it.
pub(crate) trait Erased: Send + Sync {
    fn run(&self, request: Request) -> Answer<'_>;
}

impl Node {
    /// A handler before another node.
    pub fn handler(handler: impl Handle, next: Self) -> Self {
        Self(Arc::new(Before { handler, next }))
    }

    /// An edit before another node.
    pub fn edit(edit: impl Edit, next: Self) -> Self {
        Self(Arc::new(Edited { edit, next }))
    }

    /// An answer; no node comes after it.
    pub fn reply(reply: impl Reply) -> Self {
        Self(Arc::new(Last(reply)))
    }

    /// Any tower service; it has been given the node after it already.
    pub fn service<S>(service: S) -> Self
    where
        S: tower::Service<Request, Response = Response, Error = HandlerError>
            + Clone
            + Send
            + Sync
            + 'static,
        S::Future: Send,
    {
        Self(Arc::new(Service(service)))
    }

    /// The end of every tree: an empty answer, as Caddy gives it where no handler answers.
    pub fn end() -> Self {
        Self(Arc::new(End))
    }

    /// The same node for those that it may hold itself.
    pub(crate) fn weak(&self) -> WeakNode {
        WeakNode(Arc::downgrade(&self.0))
    }

    /// The end of routes that answer in place of an answer that is there: it goes on as it is.
    pub(crate) fn unwritten() -> Self {
        Self(Arc::new(NothingWritten))
    }

    pub(crate) fn erased(node: impl Erased + 'static) -> Self {
        Self(Arc::new(node))
    }

    /// Answers a request.
    pub fn run(&self, request: Request) -> impl Future<Output = Result<Response>> + Send + '_ {
        self.0.run(request)
    }

    /// The same, where the future's type must be known.
    pub(crate) fn answer(&self, request: Request) -> Answer<'_> {
        self.0.run(request)
    }
}

impl tower::Service<Request> for Node {
    type Response = Response;
    type Error = HandlerError;
    type Future = Pin<Box<dyn Future<Output = Result<Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let node = self.clone();
        Box::pin(async move { node.run(request).await })
    }
}

struct Before<H> {
    handler: H,
    next: Node,
}

impl<H: Handle> Erased for Before<H> {
    fn run(&self, request: Request) -> Answer<'_> {
        Answer::waiting(self.handler.handle(request, &self.next))
    }
}

struct Edited<E> {
    edit: E,
    next: Node,
}

impl<E: Edit> Erased for Edited<E> {
    fn run(&self, mut request: Request) -> Answer<'_> {
        match self.edit.edit(&mut request) {
            Ok(()) => self.next.answer(request),
            Err(error) => Answer::ready(Err(error)),
        }
    }
}

struct Last<R>(R);

impl<R: Reply> Erased for Last<R> {
    fn run(&self, request: Request) -> Answer<'_> {
        Answer::ready(self.0.reply(request))
    }
}

struct Service<S>(S);

impl<S> Erased for Service<S>
where
    S: tower::Service<Request, Response = Response, Error = HandlerError>
        + Clone
        + Send
        + Sync
        + 'static,
    S::Future: Send,
{
    fn run(&self, request: Request) -> Answer<'_> {
        let service = self.0.clone();
        Answer::waiting(tower::ServiceExt::oneshot(service, request))
    }
}

struct End;

impl Erased for End {
    fn run(&self, request: Request) -> Answer<'_> {
        let context = crate::Context::of(&request);
        let error = context.notes().error;
        let mut response = context.response(Body::Empty);
        // Where no error route answers, the error does.
        match error {
            Some(error) => *response.status_mut() = error,
            None => mark_unhandled(&mut response),
        }
        Answer::ready(Ok(response))
    }
}

/// Says of an answer that its request came to the end of the routes, so that nobody wrote a status.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unhandled;

struct NothingWritten;

impl Erased for NothingWritten {
    fn run(&self, request: Request) -> Answer<'_> {
        let mut response = crate::Context::of(&request).response(Body::Empty);
        mark_unhandled(&mut response);
        Answer::ready(Ok(response))
    }
}

fn mark_unhandled(response: &mut Response) {
    response.extensions_mut().insert(Unhandled);
}
