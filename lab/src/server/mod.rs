//! The port: an HTTP proxy that never opens a connection.

mod authority;
mod http;

use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::thread::JoinHandle;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;

pub(crate) use authority::Authority;

use crate::lab::State;

/// What every connection needs.
pub(crate) struct Server {
    state: Arc<State>,
    tls: TlsAcceptor,
}

impl Server {
    pub(crate) fn new(state: Arc<State>, authority: Authority) -> anyhow::Result<Self> {
        Ok(Self {
            state,
            tls: TlsAcceptor::from(Arc::new(authority.configuration()?)),
        })
    }

    /// Serves until the sender is dropped, in a thread of its own.
    pub(crate) fn run(
        self,
        listener: TcpListener,
        stopped: oneshot::Receiver<()>,
    ) -> io::Result<JoinHandle<()>> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let listener = {
            let _inside = runtime.enter();
            tokio::net::TcpListener::from_std(listener)?
        };
        let server = Arc::new(self);
        std::thread::Builder::new()
            .name("sindri-lab".to_owned())
            .spawn(move || {
                runtime.block_on(async {
                    tokio::select! {
                        () = server.accept(&listener) => {}
                        _ = stopped => {}
                    }
                });
            })
    }

    async fn accept(self: &Arc<Self>, listener: &tokio::net::TcpListener) {
        loop {
            // An error is one of the client's (it is gone) or too many open files: both pass.
            let Ok((stream, _)) = listener.accept().await else {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                continue;
            };
            let server = Arc::clone(self);
            tokio::spawn(async move {
                let service = service_fn(|request| http::outer(Arc::clone(&server), request));
                // An error ends this connection only; the client sees it end.
                let _ = http1::Builder::new()
                    .preserve_header_case(true)
                    .serve_connection(TokioIo::new(stream), service)
                    .with_upgrades()
                    .await;
            });
        }
    }

    /// Ends TLS inside of a tunnel to `host` and serves what comes out.
    async fn tunnel(self: Arc<Self>, host: String, stream: hyper::upgrade::Upgraded) {
        let Ok(stream) = self.tls.accept(TokioIo::new(stream)).await else {
            return;
        };
        let named = stream.get_ref().1.server_name().map(str::to_lowercase);
        let service =
            service_fn(|request| http::inner(Arc::clone(&self), host.clone(), named.clone(), request));
        let _ = http1::Builder::new()
            .serve_connection(TokioIo::new(stream), service)
            .await;
    }
}
