// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_CORE_FUNCTION_REF_HPP
#define EPSPIKE_CORE_FUNCTION_REF_HPP

namespace epspike {

/// A function of the arguments `Args` that lives elsewhere, without its type: what takes one is
/// compiled once, not once for each function it is given (std::function_ref of C++26).
template <class... Args>
class FunctionRef {
public:
    template <class F>
    explicit FunctionRef(const F& function) noexcept
        : function_(&function),
          call_([](const void* f, Args... args) { (*static_cast<const F*>(f))(args...); })
    {
    }

    void operator()(Args... args) const { call_(function_, args...); }

private:
    const void* function_;
    void (*call_)(const void*, Args...);
};

} // namespace epspike

#endif
